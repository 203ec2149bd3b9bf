package cfntemplate

// Dependencies returns for each resource the resources that it depends on,
// sorted and without repetition: through DependsOn, Ref, Fn::GetAtt and Fn::Sub.
// Every resource has an entry. Both branches of an Fn::If count.
func (t *Template) Dependencies() map[string][]string { return nil }
