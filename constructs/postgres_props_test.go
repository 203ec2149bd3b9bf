package constructs

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// TestPostgresValidates: what cannot work is refused by name, value and what is
// allowed, without Node.
func TestPostgresValidates(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props *PostgresDatabaseProps
		want  []string // what the error names; none when there is no error but for the network
	}{
		{"nothing", nil, []string{"props is nil"}},
		{"no network", &PostgresDatabaseProps{}, []string{"Network is nil, it has no default"}},
		{"little storage", &PostgresDatabaseProps{StorageGiB: ptr(19.0)}, []string{"StorageGiB is 19", "from 20 to 65536"}},
		{"much storage", &PostgresDatabaseProps{StorageGiB: ptr(65537.0)}, []string{"StorageGiB is 65537"}},
		{"a maximum below the storage", &PostgresDatabaseProps{StorageGiB: ptr(50.0), MaxStorageGiB: ptr(54.0)},
			[]string{"MaxStorageGiB is 54", "55 or more"}},
		{"the least maximum", &PostgresDatabaseProps{StorageGiB: ptr(50.0), MaxStorageGiB: ptr(55.0)}, nil},
		{"no maximum", &PostgresDatabaseProps{MaxStorageGiB: ptr(0.0)}, nil},
		{"too long kept", &PostgresDatabaseProps{BackupRetentionDays: ptr(36.0)}, []string{"BackupRetentionDays is 36", "from 0 to 35"}},
		{"half a day", &PostgresDatabaseProps{BackupRetentionDays: ptr(0.5)}, []string{"BackupRetentionDays is 0.5"}},
		{"no such policy", &PostgresDatabaseProps{RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE},
			[]string{"RemovalPolicy is", `"SNAPSHOT"`}},
		{"names", &PostgresDatabaseProps{DatabaseName: ptr("my-db"), UserName: ptr("1st")},
			[]string{`DatabaseName is "my-db"`, `UserName is "1st"`, "letters, digits and _"}},
		{"a long name", &PostgresDatabaseProps{DatabaseName: ptr(strings.Repeat("a", 64))}, []string{"DatabaseName is", "63 together"}},
		{"names of its own", &PostgresDatabaseProps{DatabaseName: ptr("Template1"), UserName: ptr("Admin")},
			[]string{`DatabaseName is "Template1"`, `UserName is "Admin"`, `such as "app"`}},
		{"key words", &PostgresDatabaseProps{DatabaseName: ptr("order"), UserName: ptr("USER")},
			[]string{`DatabaseName is "order"`, `UserName is "USER"`}},
		{"system names", &PostgresDatabaseProps{UserName: ptr("pg_monitor")}, []string{`UserName is "pg_monitor"`}},
		{"postgres", &PostgresDatabaseProps{DatabaseName: ptr("postgres"), UserName: ptr("postgres")}, nil},
		{"tokens", &PostgresDatabaseProps{DatabaseName: ptr("${Token[TOKEN.1]}")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.props.Validate()
			if tt.want == nil {
				if err == nil || err.Error() != "Network is nil, it has no default" {
					t.Fatalf("unexpected: %v", err)
				}
				return
			}
			for _, part := range tt.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want one with %q", err, part)
				}
			}
		})
	}
}

func TestPostgresStorageGrows(t *testing.T) {
	for _, tt := range []struct {
		storage, maximum *float64
		want             float64 // 0: it does not grow
	}{
		{nil, nil, 100},
		{ptr(100.0), nil, 500},
		{ptr(20000.0), nil, 65536},
		{ptr(65000.0), nil, 0},
		{nil, ptr(0.0), 0},
		{nil, ptr(22.0), 22},
	} {
		props := &PostgresDatabaseProps{StorageGiB: tt.storage, MaxStorageGiB: tt.maximum}
		if got := *orDefault(props.maxStorage(), 0); got != tt.want {
			t.Errorf("from %v to %v: grows to %v, want %v", *orDefault(tt.storage, 20), *orDefault(tt.maximum, -1), got, tt.want)
		}
	}
}
