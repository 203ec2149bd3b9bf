package templatediff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0a", 32)
	for _, tt := range []struct{ name, template, want string }{
		{
			name:     "sorted, numbers and signs as they are",
			template: `{"B":{"z":1.50,"a":"<&>"},"A":[2,1]}`,
			want:     `{"A":[2,1],"B":{"a":"<&>","z":1.50}}`,
		},
		{
			name:     "assets",
			template: `{"Key":"` + hash + `.zip","Image":{"Fn::Sub":"${AWS::AccountId}.dkr.ecr/assets:` + hash + `"}}`,
			want:     `{"Image":{"Fn::Sub":"${AWS::AccountId}.dkr.ecr/assets:<asset>"},"Key":"<asset>.zip"}`,
		},
		{
			name:     "no digests",
			template: `{"Image":"shop@sha256:` + hash + `","Both":"` + hash + ` sha256:` + hash + `"}`,
			want:     `{"Both":"<asset> sha256:` + hash + `","Image":"shop@sha256:` + hash + `"}`,
		},
		{
			name:     "versions in logical IDs",
			template: `{"FnCurrentVersion0A1B2C3D` + hash[:32] + `":{},"Ref":"FnCurrentVersion0A1B2C3D` + hash[:32] + `"}`,
			want:     `{"FnCurrentVersion0A1B2C3DMasked":{},"Ref":"FnCurrentVersion0A1B2C3DMasked"}`,
		},
		{
			name: "the CDK's metadata",
			template: `{"Conditions":{"CDKMetadataAvailable":true},"Resources":{
				"CDKMetadata":{"Type":"AWS::CDK::Metadata"},
				"A":{"Metadata":{"aws:cdk:path":"shop/A","aws:asset:path":"x"}},
				"B":{"Metadata":{"aws:cdk:path":"shop/B","mine":1}}}}`,
			want: `{"Resources":{"A":{},"B":{"Metadata":{"mine":1}}}}`,
		},
	} {
		got, err := Canonical(tt.template)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, strings.NewReplacer("\n", "", "  ", "", ": ", ":").Replace(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if again, err := Canonical(got); err != nil || again != got {
			t.Errorf("%s: the canonical text of the canonical text is another: %v", tt.name, err)
		}
	}
}

func TestCanonicalRefusesWhatIsNoTemplate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{} {}", "Resources: {}"} {
		if got, err := Canonical(text); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}
