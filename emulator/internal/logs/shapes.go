package logs

// CreateLogGroupInput is the request of CreateLogGroup.
type CreateLogGroupInput struct {
	KmsKeyId      string            `json:"kmsKeyId,omitempty"`
	LogGroupClass string            `json:"logGroupClass,omitempty"`
	LogGroupName  string            `json:"logGroupName,omitempty"`
	Tags          map[string]string `json:"tags,omitempty"`
}

// Nothing is the answer of operations that have none.
type Nothing struct{}

// DeleteLogGroupInput is the request of DeleteLogGroup.
type DeleteLogGroupInput struct {
	LogGroupName string `json:"logGroupName,omitempty"`
}

// DescribeLogGroupsInput is the request of DescribeLogGroups.
type DescribeLogGroupsInput struct {
	Limit               *int     `json:"limit,omitempty"`
	LogGroupClass       string   `json:"logGroupClass,omitempty"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers,omitempty"`
	LogGroupNamePattern string   `json:"logGroupNamePattern,omitempty"`
	LogGroupNamePrefix  string   `json:"logGroupNamePrefix,omitempty"`
	NextToken           string   `json:"nextToken,omitempty"`
}

// DescribeLogGroupsOutput is the answer of DescribeLogGroups.
type DescribeLogGroupsOutput struct {
	LogGroups []LogGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

// LogGroup is a log group; times are in milliseconds since 1970.
type LogGroup struct {
	Arn               string `json:"arn"` // with ":*"
	CreationTime      int64  `json:"creationTime"`
	KmsKeyId          string `json:"kmsKeyId,omitempty"`
	LogGroupArn       string `json:"logGroupArn"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupName      string `json:"logGroupName"`
	MetricFilterCount int    `json:"metricFilterCount"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	StoredBytes       int    `json:"storedBytes"`
}

// PutRetentionPolicyInput is the request of PutRetentionPolicy.
type PutRetentionPolicyInput struct {
	LogGroupName    string `json:"logGroupName,omitempty"`
	RetentionInDays int    `json:"retentionInDays,omitempty"`
}

// DeleteRetentionPolicyInput is the request of DeleteRetentionPolicy.
type DeleteRetentionPolicyInput struct {
	LogGroupName string `json:"logGroupName,omitempty"`
}

// CreateLogStreamInput is the request of CreateLogStream.
type CreateLogStreamInput struct {
	LogGroupName  string `json:"logGroupName,omitempty"`
	LogStreamName string `json:"logStreamName,omitempty"`
}

// DeleteLogStreamInput is the request of DeleteLogStream.
type DeleteLogStreamInput struct {
	LogGroupName  string `json:"logGroupName,omitempty"`
	LogStreamName string `json:"logStreamName,omitempty"`
}

// DescribeLogStreamsInput is the request of DescribeLogStreams.
type DescribeLogStreamsInput struct {
	Descending          bool   `json:"descending,omitempty"`
	Limit               *int   `json:"limit,omitempty"`
	LogGroupIdentifier  string `json:"logGroupIdentifier,omitempty"`
	LogGroupName        string `json:"logGroupName,omitempty"`
	LogStreamNamePrefix string `json:"logStreamNamePrefix,omitempty"`
	NextToken           string `json:"nextToken,omitempty"`
	OrderBy             string `json:"orderBy,omitempty"`
}

// DescribeLogStreamsOutput is the answer of DescribeLogStreams.
type DescribeLogStreamsOutput struct {
	LogStreams []LogStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

// LogStream is a log stream; times are in milliseconds since 1970, and 0, which is left
// out, without events.
type LogStream struct {
	Arn                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	LogStreamName       string `json:"logStreamName"`
	StoredBytes         int    `json:"storedBytes"` // 0 since June 2019, says the API reference
	UploadSequenceToken string `json:"uploadSequenceToken"`
}

// PutLogEventsInput is the request of PutLogEvents. The sequence token is ignored, as
// on AWS.
type PutLogEventsInput struct {
	LogEvents     []InputLogEvent `json:"logEvents,omitempty"`
	LogGroupName  string          `json:"logGroupName,omitempty"`
	LogStreamName string          `json:"logStreamName,omitempty"`
	SequenceToken string          `json:"sequenceToken,omitempty"`
}

// InputLogEvent is an event to be stored.
type InputLogEvent struct {
	Message   string `json:"message"`
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
}

// PutLogEventsOutput is the answer of PutLogEvents.
type PutLogEventsOutput struct {
	NextSequenceToken     string                 `json:"nextSequenceToken,omitempty"`
	RejectedLogEventsInfo *RejectedLogEventsInfo `json:"rejectedLogEventsInfo,omitempty"`
}

// RejectedLogEventsInfo says which events of a request were not stored, by their
// indexes in it.
type RejectedLogEventsInfo struct {
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
}

// GetLogEventsInput is the request of GetLogEvents.
type GetLogEventsInput struct {
	EndTime            *int64 `json:"endTime,omitempty"`
	Limit              *int   `json:"limit,omitempty"`
	LogGroupIdentifier string `json:"logGroupIdentifier,omitempty"`
	LogGroupName       string `json:"logGroupName,omitempty"`
	LogStreamName      string `json:"logStreamName,omitempty"`
	NextToken          string `json:"nextToken,omitempty"`
	StartFromHead      bool   `json:"startFromHead,omitempty"`
	StartTime          *int64 `json:"startTime,omitempty"`
	Unmask             bool   `json:"unmask,omitempty"` // nothing here is masked
}

// GetLogEventsOutput is the answer of GetLogEvents.
type GetLogEventsOutput struct {
	Events            []OutputLogEvent `json:"events"`
	NextBackwardToken string           `json:"nextBackwardToken"`
	NextForwardToken  string           `json:"nextForwardToken"`
}

// OutputLogEvent is an event as GetLogEvents shows it.
type OutputLogEvent struct {
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
	Timestamp     int64  `json:"timestamp"`
}

// FilterLogEventsInput is the request of FilterLogEvents.
type FilterLogEventsInput struct {
	EndTime             *int64   `json:"endTime,omitempty"`
	FilterPattern       string   `json:"filterPattern,omitempty"`
	Interleaved         bool     `json:"interleaved,omitempty"` // always, since June 2019
	Limit               *int     `json:"limit,omitempty"`
	LogGroupIdentifier  string   `json:"logGroupIdentifier,omitempty"`
	LogGroupName        string   `json:"logGroupName,omitempty"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix,omitempty"`
	LogStreamNames      []string `json:"logStreamNames,omitempty"`
	NextToken           string   `json:"nextToken,omitempty"`
	StartTime           *int64   `json:"startTime,omitempty"`
	Unmask              bool     `json:"unmask,omitempty"`
}

// FilterLogEventsOutput is the answer of FilterLogEvents.
type FilterLogEventsOutput struct {
	Events             []FilteredLogEvent `json:"events"`
	NextToken          string             `json:"nextToken,omitempty"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"` // empty since May 2020
}

// FilteredLogEvent is an event as FilterLogEvents shows it.
type FilteredLogEvent struct {
	EventId       string `json:"eventId"`
	IngestionTime int64  `json:"ingestionTime"`
	LogStreamName string `json:"logStreamName"`
	Message       string `json:"message"`
	Timestamp     int64  `json:"timestamp"`
}

// TagResourceInput is the request of TagResource.
type TagResourceInput struct {
	ResourceArn string            `json:"resourceArn,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// UntagResourceInput is the request of UntagResource.
type UntagResourceInput struct {
	ResourceArn string   `json:"resourceArn,omitempty"`
	TagKeys     []string `json:"tagKeys,omitempty"`
}

// ListTagsForResourceInput is the request of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceArn string `json:"resourceArn,omitempty"`
}

// ListTagsForResourceOutput is the answer of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags map[string]string `json:"tags"`
}
