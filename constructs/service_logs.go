package constructs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// retentions are all that CloudWatch Logs knows.
func retentions() []awslogs.RetentionDays {
	return []awslogs.RetentionDays{
		awslogs.RetentionDays_ONE_DAY, awslogs.RetentionDays_THREE_DAYS, awslogs.RetentionDays_FIVE_DAYS,
		awslogs.RetentionDays_ONE_WEEK, awslogs.RetentionDays_TWO_WEEKS,
		awslogs.RetentionDays_ONE_MONTH, awslogs.RetentionDays_TWO_MONTHS, awslogs.RetentionDays_THREE_MONTHS,
		awslogs.RetentionDays_FOUR_MONTHS, awslogs.RetentionDays_FIVE_MONTHS, awslogs.RetentionDays_SIX_MONTHS,
		awslogs.RetentionDays_ONE_YEAR, awslogs.RetentionDays_THIRTEEN_MONTHS, awslogs.RetentionDays_EIGHTEEN_MONTHS,
		awslogs.RetentionDays_TWO_YEARS, awslogs.RetentionDays_THREE_YEARS, awslogs.RetentionDays_FIVE_YEARS,
		awslogs.RetentionDays_SIX_YEARS, awslogs.RetentionDays_SEVEN_YEARS, awslogs.RetentionDays_EIGHT_YEARS,
		awslogs.RetentionDays_NINE_YEARS, awslogs.RetentionDays_TEN_YEARS, awslogs.RetentionDays_INFINITE,
	}
}

// datetimeDirective is %Y and the like, each of which the log driver replaces by a
// regular expression with a group and a class in it.
var datetimeDirective = regexp.MustCompile(`%.`)

// checkLogs refuses what the log driver would refuse when it starts a container, with
// the task. The driver reads both props as a regular expression of Go, the date format
// with its directives replaced: a [ that is not escaped opens a class there.
func (p *FargateServiceProps) checkLogs() error {
	var errs []error
	if p.LogRetention != "" && !slices.Contains(retentions(), p.LogRetention) {
		errs = append(errs, fmt.Errorf("LogRetention is %q, allowed is one of %q", p.LogRetention, retentions()))
	}
	if p.LogDatetimeFormat != nil && p.LogMultilinePattern != nil {
		errs = append(errs, errors.New("LogDatetimeFormat and LogMultilinePattern are set, allowed is one of them"))
	}
	compiles := func(prop string, v *string, pattern func(string) string, allowed string) {
		if v == nil || isStringToken(*v) {
			return
		}
		if _, err := regexp.Compile(pattern(*v)); err != nil {
			errs = append(errs, fmt.Errorf("%s is %q, allowed is %s", prop, *v, allowed))
		} else if *v == "" {
			errs = append(errs, fmt.Errorf("%s is empty, allowed is %s, or nil", prop, allowed))
		}
	}
	compiles("LogDatetimeFormat", p.LogDatetimeFormat, func(format string) string {
		return datetimeDirective.ReplaceAllString(format, "(?:[0])")
	}, `a date format in which [ and its like are escaped, such as \[%Y-%m-%d`)
	compiles("LogMultilinePattern", p.LogMultilinePattern, func(pattern string) string { return pattern }, "a regular expression as Go has them")
	return errors.Join(errs...)
}

func newLogGroup(s *fargateService, p *FargateServiceProps) awslogs.LogGroup {
	return awslogs.NewLogGroup(s, jsii.String("LogGroup"), &awslogs.LogGroupProps{
		LogGroupName:  p.fixedName(),
		Retention:     p.LogRetention,
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // the logs of a deleted service are the ones looked for
	})
}

func logOptions(s *fargateService, p *FargateServiceProps) *map[string]*string {
	options := map[string]*string{
		"awslogs-group":         s.logGroup.LogGroupName(),
		"awslogs-region":        awscdk.Aws_REGION(),
		"awslogs-stream-prefix": p.ServiceName,
	}
	if p.LogDatetimeFormat != nil {
		options["awslogs-datetime-format"] = p.LogDatetimeFormat
	}
	if p.LogMultilinePattern != nil {
		options["awslogs-multiline-pattern"] = p.LogMultilinePattern
	}
	return &options
}
