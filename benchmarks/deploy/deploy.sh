#!/bin/bash
# Puts an image into a stack with the AWS CLI, as one does by hand: a change set with the
# template as it is and every other parameter pinned, looked at, executed, waited for.
#
#   deploy.sh STACK IMAGE
set -euo pipefail
stack=$1 image=$2
set_name=by-hand-$(date +%s%N)

parameters=(ParameterKey=ImageUrl,ParameterValue="$image")
for key in $(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Parameters[].ParameterKey' --output text); do
	[ "$key" = ImageUrl ] || parameters+=(ParameterKey="$key",UsePreviousValue=true)
done
aws cloudformation create-change-set --stack-name "$stack" --change-set-name "$set_name" \
	--use-previous-template --capabilities CAPABILITY_IAM --parameters "${parameters[@]}" >/dev/null
aws cloudformation wait change-set-create-complete --stack-name "$stack" --change-set-name "$set_name"
aws cloudformation describe-change-set --stack-name "$stack" --change-set-name "$set_name" --include-property-values \
	--query 'Changes[].ResourceChange.[LogicalResourceId,Action,Replacement]' --output text
aws cloudformation execute-change-set --stack-name "$stack" --change-set-name "$set_name"
aws cloudformation wait stack-update-complete --stack-name "$stack"
