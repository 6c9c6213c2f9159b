// Code generated from openapi.yaml by gen/faults. DO NOT EDIT.

package fault

var (
	BadRequest = &Code{Family: "http", Number: 400, Name: "BadRequest", Status: 400,
		Message: "{place} {reason}",
		Help:    "The message begins with the place to correct. Compare it with the parameters and body documented here.",
		Error:   true, Warning: false, Ours: false}
	Unauthorized = &Code{Family: "http", Number: 401, Name: "Unauthorized", Status: 401,
		Message: "The credentials are missing or wrong",
		Help:    "Send one of these: Authorization: Basic with the Base64 of till:md5, where md5 is the MD5 of the password; an access token; or the bare key for the kittens. The guide to authentication builds the header.",
		Error:   true, Warning: false, Ours: false}
	Forbidden = &Code{Family: "http", Number: 403, Name: "Forbidden", Status: 403,
		Message: "These credentials may not do this",
		Help:    "Ask the operator of the server for credentials with the role that the operation names.",
		Error:   true, Warning: false, Ours: false}
	NotFound = &Code{Family: "http", Number: 404, Name: "NotFound", Status: 404,
		Message: "There is nothing at this address",
		Help:    "Check the path. Ids in a path are written in digits.",
		Error:   true, Warning: false, Ours: false}
	MethodNotAllowed = &Code{Family: "http", Number: 405, Name: "MethodNotAllowed", Status: 405,
		Message: "The method is not allowed here",
		Help:    "Use one of the methods in the Allow header.",
		Error:   true, Warning: false, Ours: false}
	NotAcceptable = &Code{Family: "http", Number: 406, Name: "NotAcceptable", Status: 406,
		Message: "Only application/json can be returned",
		Help:    "Omit the Accept header, or let it include application/json.",
		Error:   true, Warning: false, Ours: false}
	RequestTimeout = &Code{Family: "http", Number: 408, Name: "RequestTimeout", Status: 408,
		Message: "The request took too long to arrive",
		Help:    "Send the request again, at once if you like, over a better connection. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	Conflict = &Code{Family: "http", Number: 409, Name: "Conflict", Status: 409,
		Message: "The request conflicts with another: {reason}",
		Help:    "With Retry-After: send the request again after that time. Without it: the Idempotency-Key was used for another request; use a new key.",
		Error:   true, Warning: false, Ours: false}
	PayloadTooLarge = &Code{Family: "http", Number: 413, Name: "PayloadTooLarge", Status: 413,
		Message: "The body is too large",
		Help:    "Send less in one request. The operator sets the limit.",
		Error:   true, Warning: false, Ours: false}
	UnsupportedMediaType = &Code{Family: "http", Number: 415, Name: "UnsupportedMediaType", Status: 415,
		Message: "The body must be {types}",
		Help:    "Send Content-Type: application/json and an uncompressed body; for a file upload, use one of the types that the operation lists.",
		Error:   true, Warning: false, Ours: false}
	TooManyRequests = &Code{Family: "http", Number: 429, Name: "TooManyRequests", Status: 429,
		Message: "Too many requests",
		Help:    "Wait for the number of seconds in the Retry-After header.",
		Error:   true, Warning: false, Ours: false}
	HeadersTooLarge = &Code{Family: "http", Number: 431, Name: "HeadersTooLarge", Status: 431,
		Message: "The address or the headers are too large",
		Help:    "Send a shorter address and fewer headers.",
		Error:   true, Warning: false, Ours: false}
	Internal = &Code{Family: "http", Number: 500, Name: "Internal", Status: 500,
		Message: "Something failed in the server",
		Help:    "Give the operator the request id of the response; the log has the cause under it.",
		Error:   true, Warning: false, Ours: false}
	Unavailable = &Code{Family: "http", Number: 503, Name: "Unavailable", Status: 503,
		Message: "The server cannot take this request now",
		Help:    "Try again after the number of seconds in the Retry-After header. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	MobileRequired = &Code{Family: "customers", Number: 1006, Name: "MobileRequired", Status: 400,
		Message: "A mobile number is needed to register here",
		Help:    "A mobile number is this organization's primary identifier. Add an identifier of type mobile.",
		Error:   true, Warning: false, Ours: false}
	CustomFieldInvalid = &Code{Family: "customers", Number: 1017, Name: "CustomFieldInvalid", Status: 400,
		Message: "The custom field {name} is not defined or its value is not valid",
		Help:    "Use the fields that the organization has defined, by their exact names, with text of at most 2,000 characters.",
		Error:   true, Warning: false, Ours: false}
	EmailRequired = &Code{Family: "customers", Number: 1039, Name: "EmailRequired", Status: 400,
		Message: "An e-mail address is needed to register here",
		Help:    "An e-mail address is this organization's primary identifier. Add an identifier of type email.",
		Error:   true, Warning: false, Ours: false}
	ExternalIDRequired = &Code{Family: "customers", Number: 1043, Name: "ExternalIDRequired", Status: 400,
		Message: "An external id is needed to register here",
		Help:    "An external id is this organization's primary identifier. Add an identifier of type externalId.",
		Error:   true, Warning: false, Ours: false}
	BatchTooLarge = &Code{Family: "customers", Number: 1060, Name: "BatchTooLarge", Status: 400,
		Message: "A batch may hold at most {max} entries",
		Help:    "Split the entries over several requests.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionChannelInvalid = &Code{Family: "customers", Number: 1101, Name: "SubscriptionChannelInvalid", Status: 400,
		Message: "The channel of the subscription is missing or unknown",
		Help:    "Send SMS, EMAIL, WECHAT, WHATSAPP, IOS, ANDROID or LINE.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionPriorityInvalid = &Code{Family: "customers", Number: 1102, Name: "SubscriptionPriorityInvalid", Status: 400,
		Message: "The priority of the subscription is missing or unknown",
		Help:    "Send TRANS or BULK.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionScopeInvalid = &Code{Family: "customers", Number: 1103, Name: "SubscriptionScopeInvalid", Status: 400,
		Message: "The scope of the subscriptions is unknown",
		Help:    "Omit the scope, or send USER with NONE.",
		Error:   true, Warning: false, Ours: false}
	SeveralScopes = &Code{Family: "customers", Number: 1105, Name: "SeveralScopes", Status: 400,
		Message: "Only one scope can be given, as an object",
		Help:    "Omit the scope, or send a single object.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionTypeInvalid = &Code{Family: "customers", Number: 1106, Name: "SubscriptionTypeInvalid", Status: 400,
		Message: "The type of the subscription is missing or unknown",
		Help:    "Send OPTIN or OPTOUT.",
		Error:   true, Warning: false, Ours: false}
	CampaignIdInvalid = &Code{Family: "customers", Number: 1107, Name: "CampaignIdInvalid", Status: 400,
		Message: "The campaign id is not a whole number from -1",
		Help:    "Omit it, or send the number of a campaign.",
		Error:   true, Warning: false, Ours: false}
	CommunicationIdInvalid = &Code{Family: "customers", Number: 1108, Name: "CommunicationIdInvalid", Status: 400,
		Message: "The communication id is not a whole number from -1",
		Help:    "Omit it, or send the number of a message.",
		Error:   true, Warning: false, Ours: false}
	LookupIdentifierMissing = &Code{Family: "customers", Number: 8002, Name: "LookupIdentifierMissing", Status: 400,
		Message: "An identifier value is needed",
		Help:    "Send identifierValue with identifierName.",
		Error:   true, Warning: false, Ours: false}
	SourceInvalid = &Code{Family: "customers", Number: 8003, Name: "SourceInvalid", Status: 400,
		Message: "The source {reason}",
		Help:    "Send a source that the organization has enabled.",
		Error:   true, Warning: false, Ours: false}
	SourceMissing = &Code{Family: "customers", Number: 8004, Name: "SourceMissing", Status: 400,
		Message: "A source is needed",
		Help:    "Send source in the query or in the profile.",
		Error:   true, Warning: false, Ours: false}
	NoValidIdentifier = &Code{Family: "customers", Number: 8005, Name: "NoValidIdentifier", Status: 400,
		Message: "No valid identifier is left: {reason}",
		Help:    "Send at least one identifier that follows the rules of its type.",
		Error:   true, Warning: false, Ours: false}
	CustomerExists = &Code{Family: "customers", Number: 8006, Name: "CustomerExists", Status: 409,
		Message: "Customer {id} already has this identifier in the same source",
		Help:    "Registering never updates. Use Update Customer Details with the id in the message.",
		Error:   true, Warning: false, Ours: false}
	IdentifierTaken = &Code{Family: "customers", Number: 8007, Name: "IdentifierTaken", Status: 409,
		Message: "Customer {id} already has this identifier in the same source",
		Help:    "An identifier belongs to one customer per source. Remove it from that customer first.",
		Error:   true, Warning: false, Ours: false}
	IdentifiersOfOtherProfile = &Code{Family: "customers", Number: 8008, Name: "IdentifiersOfOtherProfile", Status: 409,
		Message: "The identifiers belong to customer {id} in the same source",
		Help:    "Identifiers in an update only confirm which customer it is about. Omit them, or send the customer's own.",
		Error:   true, Warning: false, Ours: false}
	UpdateCustomerNotFound = &Code{Family: "customers", Number: 8009, Name: "UpdateCustomerNotFound", Status: 404,
		Message: "No customer of the organization has id {id}",
		Help:    "Find the id with Fetch Customer ID.",
		Error:   true, Warning: false, Ours: false}
	ChannelInvalid = &Code{Family: "customers", Number: 8010, Name: "ChannelInvalid", Status: 400,
		Message: "The channel is unknown, has no valid value or is not one of the source",
		Help:    "As an error: use one of the listed channel types. As a warning about the type: the channel was stored, although the source has no such channel. As a warning about the value: the channel was left out.",
		Error:   true, Warning: true, Ours: false}
	LookupSourceInvalid = &Code{Family: "customers", Number: 8011, Name: "LookupSourceInvalid", Status: 400,
		Message: "The source to look in {reason}",
		Help:    "Send a source that the organization has enabled, or ALL.",
		Error:   true, Warning: false, Ours: false}
	DetailsSourceInvalid = &Code{Family: "customers", Number: 8012, Name: "DetailsSourceInvalid", Status: 400,
		Message: "The source of the details {reason}",
		Help:    "Send a source that the organization has enabled, or ALL.",
		Error:   true, Warning: false, Ours: false}
	IdentifierNameInvalid = &Code{Family: "customers", Number: 8013, Name: "IdentifierNameInvalid", Status: 400,
		Message: "The identifier name is missing or unknown",
		Help:    "Send one of the listed types as identifierName, such as mobile.",
		Error:   true, Warning: false, Ours: false}
	PrimaryIdentifierInvalid = &Code{Family: "customers", Number: 8014, Name: "PrimaryIdentifierInvalid", Status: 400,
		Message: "The primary identifier, {type}, is not valid",
		Help:    "The organization requires this identifier at registration. Send a valid one.",
		Error:   true, Warning: false, Ours: false}
	CustomerNotFound = &Code{Family: "customers", Number: 8015, Name: "CustomerNotFound", Status: 404,
		Message: "No customer of the organization has {type} {value}",
		Help:    "Check the value and its type. A mobile number may need its country code.",
		Error:   true, Warning: false, Ours: false}
	RegistrationDateInvalid = &Code{Family: "customers", Number: 8017, Name: "RegistrationDateInvalid", Status: 400,
		Message: "The registration date cannot be read or is out of bounds",
		Help:    "Send a date-time such as 2016-06-23T19:11:18+08:00, within the bounds that the organization has set.",
		Error:   true, Warning: false, Ours: false}
	LoyaltyDowngrade = &Code{Family: "customers", Number: 8018, Name: "LoyaltyDowngrade", Status: 409,
		Message: "A loyalty customer cannot become non_loyalty",
		Help:    "Omit loyaltyType.",
		Error:   true, Warning: false, Ours: false}
	RegisterErased = &Code{Family: "customers", Number: 8026, Name: "RegisterErased", Status: 409,
		Message: "The data of the customer with this {type} was erased at their request",
		Help:    "To come back, the person must first give another identifier.",
		Error:   true, Warning: false, Ours: false}
	AccountIdMissing = &Code{Family: "customers", Number: 8045, Name: "AccountIdMissing", Status: 400,
		Message: "{source} has several accounts; accountId is needed",
		Help:    "Send accountId with the source.",
		Error:   true, Warning: false, Ours: false}
	Combined = &Code{Family: "customers", Number: 8050, Name: "Combined", Status: 200,
		Message: "Customer {id} has this identifier in another source; combined",
		Help:    "Nothing to do. The profile was added to the customer in the message.",
		Error:   false, Warning: true, Ours: false}
	Merged = &Code{Family: "customers", Number: 8051, Name: "Merged", Status: 200,
		Message: "Customer {id} has this identifier in another source; merged into it",
		Help:    "Use the id in the message from now on. The id of the request only leads to it.",
		Error:   false, Warning: true, Ours: false}
	RegisterConflict = &Code{Family: "customers", Number: 8052, Name: "RegisterConflict", Status: 200,
		Message: "Customers {ids} have these identifiers in other sources; a new customer was made",
		Help:    "If they are one person, merge them with Ask for a Merge.",
		Error:   false, Warning: true, Ours: false}
	IdentifierConflict = &Code{Family: "customers", Number: 8053, Name: "IdentifierConflict", Status: 409,
		Message: "The identifiers belong to several other customers: {ids}",
		Help:    "Change one identifier at a time. If one identifier belongs to several customers, first merge them with Ask for a Merge.",
		Error:   true, Warning: false, Ours: false}
	EmailInvalid = &Code{Family: "customers", Number: 8055, Name: "EmailInvalid", Status: 200,
		Message: "The e-mail address is not valid and was left out",
		Help:    "Send an address with one @, at most 254 characters.",
		Error:   false, Warning: true, Ours: false}
	MobileInvalid = &Code{Family: "customers", Number: 8056, Name: "MobileInvalid", Status: 200,
		Message: "The mobile number is not valid and was left out",
		Help:    "Send 7 to 15 digits, including the country code.",
		Error:   false, Warning: true, Ours: false}
	ChannelEmailInvalid = &Code{Family: "customers", Number: 8057, Name: "ChannelEmailInvalid", Status: 200,
		Message: "The e-mail address of the channel is not valid; the channel was left out",
		Help:    "Send an address with one @, at most 254 characters.",
		Error:   false, Warning: true, Ours: false}
	ChannelMobileInvalid = &Code{Family: "customers", Number: 8058, Name: "ChannelMobileInvalid", Status: 200,
		Message: "The mobile number of the channel is not valid; the channel was left out",
		Help:    "Send 7 to 15 digits, including the country code.",
		Error:   false, Warning: true, Ours: false}
	ExternalIDInvalid = &Code{Family: "customers", Number: 8064, Name: "ExternalIDInvalid", Status: 200,
		Message: "The identifier breaks the rule of its type and was left out",
		Help:    "Send an external id of at most 64 characters, without commas, with the prefix and length that the organization has set; any other identifier has 1 to 255 characters.",
		Error:   false, Warning: true, Ours: false}
	NotInSource = &Code{Family: "customers", Number: 8065, Name: "NotInSource", Status: 404,
		Message: "The customer has no profile in this source or account",
		Help:    "Use a source in which the customer is registered, or ALL to read every profile.",
		Error:   true, Warning: false, Ours: false}
	CannotCombine = &Code{Family: "customers", Number: 8066, Name: "CannotCombine", Status: 409,
		Message: "Customer {id} already has a profile in the same source; cannot combine",
		Help:    "A customer has one profile per source and account. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	AlreadyMerged = &Code{Family: "customers", Number: 8067, Name: "AlreadyMerged", Status: 409,
		Message: "Customer {id} was already merged into {survivor}",
		Help:    "Use the id in the message.",
		Error:   true, Warning: false, Ours: false}
	MergedCustomer = &Code{Family: "customers", Number: 8069, Name: "MergedCustomer", Status: 409,
		Message: "Customer {id} was merged into {survivor}",
		Help:    "Use the id in the message. Reads follow it automatically; writes do not.",
		Error:   true, Warning: true, Ours: false}
	NothingChanged = &Code{Family: "customers", Number: 8070, Name: "NothingChanged", Status: 200,
		Message: "Nothing was changed",
		Help:    "The customer already has every identifier to add and none to remove, or the values sent are invalid; in that case another warning says why.",
		Error:   false, Warning: true, Ours: false}
	MobileAlreadyOn = &Code{Family: "customers", Number: 8071, Name: "MobileAlreadyOn", Status: 200,
		Message: "The customer already has this mobile number",
		Help:    "Nothing to do.",
		Error:   false, Warning: true, Ours: false}
	EmailAlreadyOn = &Code{Family: "customers", Number: 8072, Name: "EmailAlreadyOn", Status: 200,
		Message: "The customer already has this e-mail address",
		Help:    "Nothing to do.",
		Error:   false, Warning: true, Ours: false}
	ExternalIDAlreadyOn = &Code{Family: "customers", Number: 8073, Name: "ExternalIDAlreadyOn", Status: 200,
		Message: "The customer already has this external id",
		Help:    "Nothing to do.",
		Error:   false, Warning: true, Ours: false}
	SeveralCustomers = &Code{Family: "customers", Number: 8074, Name: "SeveralCustomers", Status: 200,
		Message: "Several customers have this identifier; the one with the lowest id is answered",
		Help:    "Send a source to say which customer is meant.",
		Error:   false, Warning: true, Ours: false}
	AssociatedTillUnknown = &Code{Family: "customers", Number: 8077, Name: "AssociatedTillUnknown", Status: 200,
		Message: "The associated till {till} is unknown and was left out",
		Help:    "Send the code of a till of the organization.",
		Error:   false, Warning: true, Ours: false}
	StatusLabelInvalid = &Code{Family: "customers", Number: 8086, Name: "StatusLabelInvalid", Status: 400,
		Message: "The label of the status is missing or unknown",
		Help:    "Send Active, Suspended, Deleted, Fraud or one of the organization's own labels.",
		Error:   true, Warning: false, Ours: false}
	OffsetNegative = &Code{Family: "customers", Number: 8100, Name: "OffsetNegative", Status: 400,
		Message: "The offset must be 0 or more",
		Help:    "Send the number of rows to skip.",
		Error:   true, Warning: false, Ours: false}
	LimitNotPositive = &Code{Family: "customers", Number: 8101, Name: "LimitNotPositive", Status: 400,
		Message: "The limit must be 1 or more",
		Help:    "Send the maximum number of rows to return.",
		Error:   true, Warning: false, Ours: false}
	LimitTooLarge = &Code{Family: "customers", Number: 8102, Name: "LimitTooLarge", Status: 400,
		Message: "The limit may be at most {max}",
		Help:    "Ask for fewer rows, and page with offset.",
		Error:   true, Warning: false, Ours: false}
	StatusReasonMissing = &Code{Family: "customers", Number: 8107, Name: "StatusReasonMissing", Status: 400,
		Message: "A reason of at most 1000 characters is needed",
		Help:    "Send the reason why the customer gets this status.",
		Error:   true, Warning: false, Ours: false}
	CustomerErased = &Code{Family: "customers", Number: 8109, Name: "CustomerErased", Status: 410,
		Message: "The data of customer {id} was erased",
		Help:    "The id no longer leads to anyone and is never reused.",
		Error:   true, Warning: false, Ours: false}
	NoIDs = &Code{Family: "customers", Number: 8119, Name: "NoIDs", Status: 400,
		Message: "The list of ids is empty",
		Help:    "Send at least one id.",
		Error:   true, Warning: false, Ours: false}
	TooManyIDs = &Code{Family: "customers", Number: 8120, Name: "TooManyIDs", Status: 400,
		Message: "At most {max} ids can be asked for at once",
		Help:    "Split the ids over several requests.",
		Error:   true, Warning: false, Ours: false}
	AccountInvalid = &Code{Family: "customers", Number: 8127, Name: "AccountInvalid", Status: 400,
		Message: "The account is unknown or not active",
		Help:    "Send the id of an account that the organization has in this source.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestTypeInvalid = &Code{Family: "customers", Number: 9006, Name: "MergeRequestTypeInvalid", Status: 400,
		Message: "The type of the request is missing or unknown",
		Help:    "Send CHANGE_IDENTIFIER.",
		Error:   true, Warning: false, Ours: false}
	MergeSurvivorInvalid = &Code{Family: "customers", Number: 9007, Name: "MergeSurvivorInvalid", Status: 404,
		Message: "Customer {id} cannot be the survivor",
		Help:    "Send the id of a customer of the organization, other than the one to be merged.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestBaseInvalid = &Code{Family: "customers", Number: 9008, Name: "MergeRequestBaseInvalid", Status: 400,
		Message: "The base type of the request is missing or unknown",
		Help:    "Send MERGE.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestNotFound = &Code{Family: "customers", Number: 9013, Name: "MergeRequestNotFound", Status: 404,
		Message: "The organization has no request {id}",
		Help:    "Get the ids from List Requests.",
		Error:   true, Warning: false, Ours: false}
	MergePendingVictim = &Code{Family: "customers", Number: 9018, Name: "MergePendingVictim", Status: 409,
		Message: "Customer {id} is already waiting to be merged",
		Help:    "Approve or reject the pending request. Get its id from Fetch Change Requests.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestUnnamed = &Code{Family: "customers", Number: 9019, Name: "MergeRequestUnnamed", Status: 400,
		Message: "The id of the customer is missing",
		Help:    "Send the id of the customer to be merged as victim, and the id of the one to remain as survivor.",
		Error:   true, Warning: false, Ours: false}
	MergeSurvivorMerged = &Code{Family: "customers", Number: 9023, Name: "MergeSurvivorMerged", Status: 409,
		Message: "Customer {id}, the survivor, was merged into {survivor}",
		Help:    "Send the id in the message.",
		Error:   true, Warning: false, Ours: false}
	MergePendingSurvivor = &Code{Family: "customers", Number: 9026, Name: "MergePendingSurvivor", Status: 409,
		Message: "Customer {id}, the survivor, is waiting to be merged",
		Help:    "Approve or reject that request first, then ask again with the customer who remains.",
		Error:   true, Warning: false, Ours: false}
	MergeVictimMerged = &Code{Family: "customers", Number: 9027, Name: "MergeVictimMerged", Status: 409,
		Message: "Customer {id} was already merged into {survivor}",
		Help:    "Nothing to do, if that is the customer you mean. Otherwise undo that merge first.",
		Error:   true, Warning: false, Ours: false}
	MergeAwaitsApproval = &Code{Family: "customers", Number: 9801, Name: "MergeAwaitsApproval", Status: 200,
		Message: "The change needs a merge with customer {id} and waits for approval, as request {request}",
		Help:    "Nothing was changed. The organization requires approval for merges: use Approve or Reject a Merge.",
		Error:   false, Warning: true, Ours: true}
	SearchTotalCapped = &Code{Family: "customers", Number: 9802, Name: "SearchTotalCapped", Status: 200,
		Message: "More than 10,000 customers match; the total stops there",
		Help:    "Search for a longer term.",
		Error:   false, Warning: true, Ours: true}
	SandboxFull = &Code{Family: "customers", Number: 9803, Name: "SandboxFull", Status: 403,
		Message: "The sandbox has reached its limit of changes",
		Help:    "Get a new sandbox from the reference page.",
		Error:   true, Warning: false, Ours: true}
	MergeNotFound = &Code{Family: "customers", Number: 9810, Name: "MergeNotFound", Status: 404,
		Message: "The organization has no merge {id}",
		Help:    "Get the ids from List Merges.",
		Error:   true, Warning: false, Ours: true}
	MergeTooOld = &Code{Family: "customers", Number: 9811, Name: "MergeTooOld", Status: 409,
		Message: "Merge {id} can no longer be undone",
		Help:    "The data needed to undo a merge is kept for 30 days.",
		Error:   true, Warning: false, Ours: true}
	MergeUndone = &Code{Family: "customers", Number: 9812, Name: "MergeUndone", Status: 409,
		Message: "Merge {id} was undone before",
		Help:    "Nothing to do.",
		Error:   true, Warning: false, Ours: true}
	MergeUndoOrder = &Code{Family: "customers", Number: 9813, Name: "MergeUndoOrder", Status: 409,
		Message: "Merge {id} can only be undone after merge {later}",
		Help:    "The later merge builds on this one. Undo it first, and merge again afterwards if it was right.",
		Error:   true, Warning: false, Ours: true}
	MergeIdentifierTaken = &Code{Family: "customers", Number: 9814, Name: "MergeIdentifierTaken", Status: 409,
		Message: "Merge {id} cannot be undone: customer {holder} has the {type} by now",
		Help:    "The request that merged had removed this identifier, and another customer has it in the same source now. Remove it there first.",
		Error:   true, Warning: false, Ours: true}
	MergeLeavesNothing = &Code{Family: "customers", Number: 9815, Name: "MergeLeavesNothing", Status: 409,
		Message: "Merge {id} cannot be undone: customer {customer} would have no identifier",
		Help:    "Add an identifier to one of the profiles that would go back to this customer.",
		Error:   true, Warning: false, Ours: true}
	MergePointsSpent = &Code{Family: "customers", Number: 9816, Name: "MergePointsSpent", Status: 409,
		Message: "Merge {id} cannot be undone: points that it brought are spent or were given back since",
		Help:    "Reverse the redemptions that the customer has made since the merge, latest first, then undo it.",
		Error:   true, Warning: false, Ours: true}
	MergeRequestState = &Code{Family: "customers", Number: 9817, Name: "MergeRequestState", Status: 409,
		Message: "Request {id} is {status}, which does not allow this",
		Help:    "A pending request can be approved or rejected, and a rejected one can be set to PENDING. To take back an approved one, use Undo a Merge.",
		Error:   true, Warning: false, Ours: true}
	MergeRequestOutdated = &Code{Family: "customers", Number: 9818, Name: "MergeRequestOutdated", Status: 409,
		Message: "Request {id} can no longer be carried out: {reason}",
		Help:    "The identifiers have changed since. Reject the request; if the two are still one person, ask for the merge by itself.",
		Error:   true, Warning: false, Ours: true}
	IdentifierProtected = &Code{Family: "customers", Number: 91005, Name: "IdentifierProtected", Status: 409,
		Message: "The last identifier or the primary one cannot be removed",
		Help:    "Add another identifier of the type first.",
		Error:   true, Warning: false, Ours: false}
	ExtendedFieldInvalid = &Code{Family: "customers", Number: 91015, Name: "ExtendedFieldInvalid", Status: 200,
		Message: "The extended field {name} is not defined or its value is not valid; it was left out",
		Help:    "Use the fields that the organization has defined, with text of 1 to 2,000 characters other than \"null\".",
		Error:   false, Warning: true, Ours: false}
	RegistrationTillInvalid = &Code{Family: "customers", Number: 91020, Name: "RegistrationTillInvalid", Status: 400,
		Message: "The registering till is unknown",
		Help:    "Send the code of a till of the organization, or omit createdBy.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionFailed = &Code{Family: "customers", Number: 91022, Name: "SubscriptionFailed", Status: 400,
		Message: "The subscription was left out: {reason}",
		Help:    "Name a source and account in which the customer has a profile.",
		Error:   true, Warning: true, Ours: false}
	AttributionTypeMissing = &Code{Family: "organization", Number: 1061, Name: "AttributionTypeMissing", Status: 400,
		Message: "The type of the till lookup is missing",
		Help:    "Send X-CAP-API-ATTRIBUTION-LOOKUP-TYPE together with X-CAP-API-ATTRIBUTION-LOOKUP, or neither.",
		Error:   true, Warning: false, Ours: false}
	OrgUnknown = &Code{Family: "organization", Number: 1064, Name: "OrgUnknown", Status: 404,
		Message: "There is no organization {id}",
		Help:    "Send the id of your own organization.",
		Error:   true, Warning: false, Ours: false}
	SourceAccountUnknown = &Code{Family: "organization", Number: 9820, Name: "SourceAccountUnknown", Status: 404,
		Message: "There is no such account",
		Help:    "Get the UUID of each account from Fetch Source Accounts.",
		Error:   true, Warning: false, Ours: true}
	SourceAccountTaken = &Code{Family: "organization", Number: 9821, Name: "SourceAccountTaken", Status: 409,
		Message: "{source} already has an account {account}",
		Help:    "Choose another account id, or switch the existing account on again with Update Source Account.",
		Error:   true, Warning: false, Ours: true}
	SourceWithoutAccounts = &Code{Family: "organization", Number: 9822, Name: "SourceWithoutAccounts", Status: 400,
		Message: "{source} has one account only",
		Help:    "The operator of the server enables the source with `source enable`.",
		Error:   true, Warning: false, Ours: true}
	TillUnknown = &Code{Family: "organization", Number: 9823, Name: "TillUnknown", Status: 404,
		Message: "The organization has no till {till}",
		Help:    "Send the code or the id of a till of the organization.",
		Error:   true, Warning: false, Ours: true}
	CardNumbersOff = &Code{Family: "organization", Number: 9824, Name: "CardNumbersOff", Status: 409,
		Message: "The organization does not give external ids",
		Help:    "The operator of the server enables this with the setting card-numbers.",
		Error:   true, Warning: false, Ours: true}
	SourceAccountInUse = &Code{Family: "organization", Number: 9825, Name: "SourceAccountInUse", Status: 409,
		Message: "Customers have profiles in the account; its id cannot change any more",
		Help:    "Add another account.",
		Error:   true, Warning: false, Ours: true}
	CardNumbersUsedUp = &Code{Family: "organization", Number: 9826, Name: "CardNumbersUsedUp", Status: 409,
		Message: "No external id is left that follows the organization's rule",
		Help:    "The operator of the server can set a larger external-id-length or another external-id-prefix.",
		Error:   true, Warning: false, Ours: true}
	AttributionTillInvalid = &Code{Family: "organization", Number: 91021, Name: "AttributionTillInvalid", Status: 400,
		Message: "{type} {value} does not lead to an active till of the organization",
		Help:    "Compare it with what the operator of the server sees in `till lookup list`, `till list` and `store list`.",
		Error:   true, Warning: false, Ours: false}
	AmountInvalid = &Code{Family: "transactions", Number: 601, Name: "AmountInvalid", Status: 400,
		Message: "The amount is missing, out of bounds, or not a number with at most 3 decimals",
		Help:    "Send a number such as 640.5, or the same as text, within the bounds that the organization has set.",
		Error:   true, Warning: false, Ours: false}
	BillNumberInvalid = &Code{Family: "transactions", Number: 602, Name: "BillNumberInvalid", Status: 400,
		Message: "The number of the bill is missing or too long",
		Help:    "Send billNumber with 1 to 50 characters.",
		Error:   true, Warning: false, Ours: false}
	BillNumberExists = &Code{Family: "transactions", Number: 604, Name: "BillNumberExists", Status: 409,
		Message: "There is already a bill with the number {number}",
		Help:    "Send another number. The organization sets the scope and the period in which bill numbers must be unique.",
		Error:   true, Warning: false, Ours: false}
	BillTypeInvalid = &Code{Family: "transactions", Number: 605, Name: "BillTypeInvalid", Status: 400,
		Message: "The type of the bill is missing or unknown",
		Help:    "Send REGULAR, RETURN, NOT_INTERESTED or NOT_INTERESTED_RETURN.",
		Error:   true, Warning: false, Ours: false}
	BillIdentifierMissing = &Code{Family: "transactions", Number: 606, Name: "BillIdentifierMissing", Status: 400,
		Message: "A bill of this type needs its customer",
		Help:    "Send identifierName and identifierValue, or the type NOT_INTERESTED.",
		Error:   true, Warning: false, Ours: false}
	BillAlreadyCancelled = &Code{Family: "transactions", Number: 614, Name: "BillAlreadyCancelled", Status: 409,
		Message: "The bill is cancelled already",
		Help:    "Nothing to do.",
		Error:   true, Warning: false, Ours: false}
	LineAttributeInvalid = &Code{Family: "transactions", Number: 617, Name: "LineAttributeInvalid", Status: 400,
		Message: "The attribute {name} of the line is not valid",
		Help:    "Send text of at most 2,000 characters, a whole number or a boolean.",
		Error:   true, Warning: false, Ours: false}
	BillOfFraud = &Code{Family: "transactions", Number: 618, Name: "BillOfFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can buy nothing",
		Help:    "Returns are accepted. Anyone who may change the customer's status can lift the mark.",
		Error:   true, Warning: false, Ours: false}
	TransactionNotFound = &Code{Family: "transactions", Number: 620, Name: "TransactionNotFound", Status: 404,
		Message: "There is no transaction {id}, or it has another type",
		Help:    "Check the id, or omit type to search all types.",
		Error:   true, Warning: false, Ours: false}
	BillDateInvalid = &Code{Family: "transactions", Number: 621, Name: "BillDateInvalid", Status: 400,
		Message: "The date cannot be read",
		Help:    "Send a date-time such as 2026-02-03T18:20:00+05:30.",
		Error:   true, Warning: false, Ours: false}
	ReturnBeforePurchase = &Code{Family: "transactions", Number: 624, Name: "ReturnBeforePurchase", Status: 400,
		Message: "The return is before its purchase, or the time of the purchase is not the bill's",
		Help:    "Send the billing time of the bill as purchaseTime, or omit it.",
		Error:   true, Warning: false, Ours: false}
	BillNotFound = &Code{Family: "transactions", Number: 625, Name: "BillNotFound", Status: 404,
		Message: "The customer has no bill {number} to return",
		Help:    "As an error: check the number and the customer. As a warning: the return was stored, and takes nothing off any bill.",
		Error:   true, Warning: true, Ours: false}
	ReturnQuantityAboveBought = &Code{Family: "transactions", Number: 626, Name: "ReturnQuantityAboveBought", Status: 409,
		Message: "More is returned than was bought",
		Help:    "Return at most the quantity of the bill.",
		Error:   true, Warning: false, Ours: false}
	QuantityNegative = &Code{Family: "transactions", Number: 627, Name: "QuantityNegative", Status: 400,
		Message: "The quantity is negative",
		Help:    "Send 0 or more. A return is marked by its type, not by a sign.",
		Error:   true, Warning: false, Ours: false}
	ReturnTypeInvalid = &Code{Family: "transactions", Number: 628, Name: "ReturnTypeInvalid", Status: 400,
		Message: "The type of the return is missing or unknown",
		Help:    "Send FULL, AMOUNT, LINE_ITEM or, for a RETURN, CANCELLED as returnType.",
		Error:   true, Warning: false, Ours: false}
	ReturnQuantityAboveLeft = &Code{Family: "transactions", Number: 629, Name: "ReturnQuantityAboveLeft", Status: 409,
		Message: "More is returned than is left of the purchase",
		Help:    "Part of the item was returned before. Return at most the rest.",
		Error:   true, Warning: false, Ours: false}
	ReturnAmountTooHigh = &Code{Family: "transactions", Number: 630, Name: "ReturnAmountTooHigh", Status: 409,
		Message: "The amount of the return is above what is left of the bill or its lines",
		Help:    "Return at most what was paid and has not been given back yet.",
		Error:   true, Warning: false, Ours: false}
	BillAmountNegative = &Code{Family: "transactions", Number: 631, Name: "BillAmountNegative", Status: 400,
		Message: "The amount of the bill is negative",
		Help:    "Send 0 or more. A return is marked by its type, not by a sign.",
		Error:   true, Warning: false, Ours: false}
	ReturnLinesAfterAmount = &Code{Family: "transactions", Number: 632, Name: "ReturnLinesAfterAmount", Status: 409,
		Message: "An amount of this bill was returned; lines can no longer be",
		Help:    "A bill is returned either by amount or by lines. Return an amount.",
		Error:   true, Warning: false, Ours: false}
	BillAlreadyReturned = &Code{Family: "transactions", Number: 633, Name: "BillAlreadyReturned", Status: 409,
		Message: "All of the bill was returned already",
		Help:    "Nothing to do.",
		Error:   true, Warning: false, Ours: false}
	ReturnAmountAfterLines = &Code{Family: "transactions", Number: 635, Name: "ReturnAmountAfterLines", Status: 409,
		Message: "Lines of this bill were returned; an amount can no longer be",
		Help:    "A bill is returned either by amount or by lines. Return lines.",
		Error:   true, Warning: false, Ours: false}
	PointsSpent = &Code{Family: "transactions", Number: 637, Name: "PointsSpent", Status: 409,
		Message: "The points to take back, {points}, are spent already",
		Help:    "The customer has fewer points left than the returned part of the sale earned. Reverse a redemption first.",
		Error:   true, Warning: false, Ours: false}
	ReturnFullAfterPart = &Code{Family: "transactions", Number: 639, Name: "ReturnFullAfterPart", Status: 409,
		Message: "Part of the bill was already returned; the whole bill can no longer be",
		Help:    "Return the rest in the same way as the first part: by amount or by lines.",
		Error:   true, Warning: false, Ours: false}
	BillRedemptionInvalid = &Code{Family: "transactions", Number: 642, Name: "BillRedemptionInvalid", Status: 409,
		Message: "The redemption {id} is unknown, another customer's, reversed or on another bill",
		Help:    "Send ids of redemptions that this customer made for this bill.",
		Error:   true, Warning: false, Ours: false}
	BillDateAhead = &Code{Family: "transactions", Number: 643, Name: "BillDateAhead", Status: 400,
		Message: "The date is more than {hours} hours ahead",
		Help:    "Check the date and its time zone.",
		Error:   true, Warning: false, Ours: false}
	BillDatePast = &Code{Family: "transactions", Number: 644, Name: "BillDatePast", Status: 400,
		Message: "The date is more than {days} days back",
		Help:    "The organization accepts no older bills.",
		Error:   true, Warning: false, Ours: false}
	LineAmountNegative = &Code{Family: "transactions", Number: 661, Name: "LineAmountNegative", Status: 400,
		Message: "The amount of the line is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	LineValueNegative = &Code{Family: "transactions", Number: 662, Name: "LineValueNegative", Status: 400,
		Message: "The value of the line is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	LineRateNegative = &Code{Family: "transactions", Number: 663, Name: "LineRateNegative", Status: 400,
		Message: "The rate of the line is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	LineDiscountNegative = &Code{Family: "transactions", Number: 664, Name: "LineDiscountNegative", Status: 400,
		Message: "The discount of the line is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	GrossNegative = &Code{Family: "transactions", Number: 665, Name: "GrossNegative", Status: 400,
		Message: "The gross amount is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	DiscountNegative = &Code{Family: "transactions", Number: 666, Name: "DiscountNegative", Status: 400,
		Message: "The discount is negative",
		Help:    "Send 0 or more.",
		Error:   true, Warning: false, Ours: false}
	NotThisCustomersBill = &Code{Family: "transactions", Number: 667, Name: "NotThisCustomersBill", Status: 404,
		Message: "The customer has no transaction {id}",
		Help:    "Check the id and the customer.",
		Error:   true, Warning: false, Ours: false}
	NumberNotThisCustomers = &Code{Family: "transactions", Number: 668, Name: "NumberNotThisCustomers", Status: 404,
		Message: "The customer has no bill with the number {number}",
		Help:    "Check the number and the customer.",
		Error:   true, Warning: false, Ours: false}
	BillCustomFieldInvalid = &Code{Family: "transactions", Number: 669, Name: "BillCustomFieldInvalid", Status: 200,
		Message: "The custom field {name} is not defined or its value is not valid; it was left out",
		Help:    "Use the fields that the organization has defined for bills, with text of 1 to 2,000 characters.",
		Error:   false, Warning: true, Ours: false}
	BillUnnamed = &Code{Family: "transactions", Number: 670, Name: "BillUnnamed", Status: 400,
		Message: "The id or number of the bill is missing",
		Help:    "Send id or number.",
		Error:   true, Warning: false, Ours: false}
	BillTillInvalid = &Code{Family: "transactions", Number: 671, Name: "BillTillInvalid", Status: 400,
		Message: "The till or store that the bill is attributed to is unknown",
		Help:    "Send the code of a till or store of the organization, or omit attribution.",
		Error:   true, Warning: false, Ours: false}
	TooManyBills = &Code{Family: "transactions", Number: 672, Name: "TooManyBills", Status: 400,
		Message: "A request may hold at most {max} bills",
		Help:    "Split the bills over several requests.",
		Error:   true, Warning: false, Ours: false}
	ReturnsNotAllowed = &Code{Family: "transactions", Number: 673, Name: "ReturnsNotAllowed", Status: 409,
		Message: "The organization takes no returns",
		Help:    "The operator allows them with the setting returns.",
		Error:   true, Warning: false, Ours: false}
	LineReturnsNotAllowed = &Code{Family: "transactions", Number: 674, Name: "LineReturnsNotAllowed", Status: 409,
		Message: "The organization takes no returns of lines",
		Help:    "The operator allows them with the setting returns.",
		Error:   true, Warning: false, Ours: false}
	AmountReturnsNotAllowed = &Code{Family: "transactions", Number: 675, Name: "AmountReturnsNotAllowed", Status: 409,
		Message: "The organization takes no returns of an amount",
		Help:    "The operator allows them with the setting returns.",
		Error:   true, Warning: false, Ours: false}
	FullReturnsNotAllowed = &Code{Family: "transactions", Number: 676, Name: "FullReturnsNotAllowed", Status: 409,
		Message: "The organization takes no returns of whole bills",
		Help:    "The operator allows them with the setting returns.",
		Error:   true, Warning: false, Ours: false}
	ReturnNumberMissing = &Code{Family: "transactions", Number: 677, Name: "ReturnNumberMissing", Status: 400,
		Message: "A return needs the number or the id of the bill",
		Help:    "Send billNumber or id; for a line returned on another bill, parentBillNumber.",
		Error:   true, Warning: false, Ours: false}
	ReturnLineAmountTooHigh = &Code{Family: "transactions", Number: 678, Name: "ReturnLineAmountTooHigh", Status: 409,
		Message: "The amount of the returned line is above what is left of the purchased one",
		Help:    "Send at most what the returned quantity cost, or omit amount.",
		Error:   true, Warning: false, Ours: false}
	ReturnLinesMissing = &Code{Family: "transactions", Number: 679, Name: "ReturnLinesMissing", Status: 400,
		Message: "A return of lines needs lines of which something is returned",
		Help:    "Send lineItemsV2, with a qty above 0.",
		Error:   true, Warning: false, Ours: false}
	CurrencyConversionOff = &Code{Family: "transactions", Number: 682, Name: "CurrencyConversionOff", Status: 400,
		Message: "Bills are in {currency}; other currencies are not converted",
		Help:    "Send amounts in the organization's currency.",
		Error:   true, Warning: false, Ours: false}
	BillFieldTooLong = &Code{Family: "transactions", Number: 685, Name: "BillFieldTooLong", Status: 400,
		Message: "The text is too long",
		Help:    "Shorten it to at most {max} characters.",
		Error:   true, Warning: false, Ours: false}
	PointsQueued = &Code{Family: "transactions", Number: 687, Name: "PointsQueued", Status: 200,
		Message: "The points of the bill are given later",
		Help:    "Nothing to do. The points are given within seconds, even if the server restarts.",
		Error:   false, Warning: true, Ours: false}
	ReturnLineUnmatched = &Code{Family: "transactions", Number: 688, Name: "ReturnLineUnmatched", Status: 404,
		Message: "The bill has no such line to return",
		Help:    "As an error: check itemCode and serial. As a warning: the line was stored, and takes nothing off the bill.",
		Error:   true, Warning: true, Ours: false}
	ReturnableDaysInvalid = &Code{Family: "transactions", Number: 1105, Name: "ReturnableDaysInvalid", Status: 200,
		Message: "returnableDays must be -1 or more; it was left out",
		Help:    "Send the number of days, or -1 for no limit.",
		Error:   false, Warning: true, Ours: false}
	BillDatesReversed = &Code{Family: "transactions", Number: 1214, Name: "BillDatesReversed", Status: 400,
		Message: "startDate is after endDate",
		Help:    "Swap the two dates.",
		Error:   true, Warning: false, Ours: false}
	BillQueryDateInvalid = &Code{Family: "transactions", Number: 1216, Name: "BillQueryDateInvalid", Status: 400,
		Message: "The date cannot be read",
		Help:    "Send a date such as 2026-02-03, or a date-time such as 2026-02-03T18:20:00+05:30.",
		Error:   true, Warning: false, Ours: false}
	LineTypeInvalid = &Code{Family: "transactions", Number: 1623, Name: "LineTypeInvalid", Status: 400,
		Message: "The type of the line is unknown or does not go with its bill",
		Help:    "A REGULAR bill has REGULAR and RETURN lines; any other bill has lines of its own type.",
		Error:   true, Warning: false, Ours: false}
	LineReturnTypeInvalid = &Code{Family: "transactions", Number: 1634, Name: "LineReturnTypeInvalid", Status: 400,
		Message: "The return type of the line is unknown, or not that of the other lines of its bill",
		Help:    "Send LINE_ITEM, AMOUNT or FULL, the same for all lines of one bill.",
		Error:   true, Warning: false, Ours: false}
	BillStatusInvalid = &Code{Family: "transactions", Number: 1636, Name: "BillStatusInvalid", Status: 400,
		Message: "The status is unknown",
		Help:    "Send one of the listed statuses.",
		Error:   true, Warning: false, Ours: false}
	NoBaseCurrency = &Code{Family: "transactions", Number: 9605, Name: "NoBaseCurrency", Status: 200,
		Message: "The organization has set no currency; the amounts were taken as they are",
		Help:    "The operator sets one with the setting currency.",
		Error:   false, Warning: true, Ours: false}
	NoBillCurrency = &Code{Family: "transactions", Number: 9606, Name: "NoBillCurrency", Status: 200,
		Message: "The currency of the bill is missing; the organization's was used",
		Help:    "Send currencyCode with addWithLocalCurrency.",
		Error:   false, Warning: true, Ours: false}
	PaymentModeUnknown = &Code{Family: "transactions", Number: 9607, Name: "PaymentModeUnknown", Status: 200,
		Message: "The payment mode {mode} is unknown and was left out",
		Help:    "Use the modes that the organization has set.",
		Error:   false, Warning: true, Ours: false}
	PaymentAttributeInvalid = &Code{Family: "transactions", Number: 9609, Name: "PaymentAttributeInvalid", Status: 200,
		Message: "The attribute {name} of the payment mode is not valid and was left out",
		Help:    "Send text of 1 to 2,000 characters.",
		Error:   false, Warning: true, Ours: false}
	NoProgram = &Code{Family: "transactions", Number: 9610, Name: "NoProgram", Status: 200,
		Message: "The organization had no points program at the billing date; nothing was earned",
		Help:    "The operator gives the organization one with `arteriole program set`.",
		Error:   false, Warning: true, Ours: false}
	BillIsOutlier = &Code{Family: "transactions", Number: 9611, Name: "BillIsOutlier", Status: 200,
		Message: "The bill is an outlier, {status}; it earns nothing",
		Help:    "Nothing to do, unless the bill is a normal one: in that case send outlierStatus NORMAL.",
		Error:   false, Warning: true, Ours: false}
	SeveralBills = &Code{Family: "transactions", Number: 9614, Name: "SeveralBills", Status: 200,
		Message: "Several bills have the number {number}; the last one before the return was taken",
		Help:    "Send purchaseTime or id to say which bill is meant.",
		Error:   false, Warning: true, Ours: false}
	SavedAsNotInterested = &Code{Family: "transactions", Number: 9830, Name: "SavedAsNotInterested", Status: 200,
		Message: "No customer has the identifier; the bill was saved as NOT_INTERESTED",
		Help:    "Register the customer. The organization keeps such bills, but they earn nothing.",
		Error:   false, Warning: true, Ours: true}
	LineUnknown = &Code{Family: "transactions", Number: 9831, Name: "LineUnknown", Status: 404,
		Message: "The bill has no such line",
		Help:    "Send the id of one of its lines, or the itemCode to change all lines of an item.",
		Error:   true, Warning: false, Ours: true}
	BillExtendedFieldInvalid = &Code{Family: "transactions", Number: 91016, Name: "BillExtendedFieldInvalid", Status: 200,
		Message: "The extended field {name} is not defined or its value is not valid; it was left out",
		Help:    "Use the fields that the organization has defined for bills, with text of 1 to 2,000 characters.",
		Error:   false, Warning: true, Ours: false}
	TransferToFraud = &Code{Family: "points", Number: 414, Name: "TransferToFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can get no points",
		Help:    "Anyone who may change the customer's status can lift the mark.",
		Error:   true, Warning: true, Ours: false}
	TransferFromFraud = &Code{Family: "points", Number: 415, Name: "TransferFromFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can give no points",
		Help:    "Anyone who may change the customer's status can lift the mark.",
		Error:   true, Warning: true, Ours: false}
	TransferToSelf = &Code{Family: "points", Number: 418, Name: "TransferToSelf", Status: 400,
		Message: "Giver and taker are the same customer",
		Help:    "Name two different customers.",
		Error:   true, Warning: true, Ours: false}
	TransferMerged = &Code{Family: "points", Number: 419, Name: "TransferMerged", Status: 409,
		Message: "Customer {id} was merged into {survivor}",
		Help:    "Use the id in the message.",
		Error:   true, Warning: false, Ours: false}
	PointsInvalid = &Code{Family: "points", Number: 801, Name: "PointsInvalid", Status: 400,
		Message: "The points must be a number above 0 and at most 1,000,000,000",
		Help:    "Send points as a number such as 120.",
		Error:   true, Warning: true, Ours: false}
	PointsIdentifierInvalid = &Code{Family: "points", Number: 802, Name: "PointsIdentifierInvalid", Status: 400,
		Message: "The identifier is missing or of an unknown type",
		Help:    "Send an identifier of one of the listed types, or id, with its value.",
		Error:   true, Warning: false, Ours: false}
	PointsInsufficient = &Code{Family: "points", Number: 803, Name: "PointsInsufficient", Status: 409,
		Message: "The customer has only {available} points",
		Help:    "Ask for at most that number of points.",
		Error:   true, Warning: true, Ours: false}
	RedeemBalanceLow = &Code{Family: "points", Number: 804, Name: "RedeemBalanceLow", Status: 409,
		Message: "A customer must have {min} points to redeem any",
		Help:    "The organization has set this minimum.",
		Error:   true, Warning: true, Ours: false}
	RedeemLifetimeLow = &Code{Family: "points", Number: 805, Name: "RedeemLifetimeLow", Status: 409,
		Message: "A customer must have earned {min} points to redeem any",
		Help:    "The organization has set this minimum.",
		Error:   true, Warning: true, Ours: false}
	RedeemPurchasesLow = &Code{Family: "points", Number: 806, Name: "RedeemPurchasesLow", Status: 409,
		Message: "A customer must have bought for {min} to redeem any points",
		Help:    "The organization has set this minimum.",
		Error:   true, Warning: true, Ours: false}
	RedeemNoMultiple = &Code{Family: "points", Number: 807, Name: "RedeemNoMultiple", Status: 409,
		Message: "Points are redeemed in multiples of {multiple}",
		Help:    "Round the number of points to such a multiple.",
		Error:   true, Warning: true, Ours: false}
	ConfirmationInvalid = &Code{Family: "points", Number: 808, Name: "ConfirmationInvalid", Status: 403,
		Message: "The customer has to confirm it: the code {reason}",
		Help:    "Ask for a code with issueOtp, for the same customer and points, and send the code that the customer received. A code is valid for 5 minutes and 5 attempts, and works once.",
		Error:   true, Warning: false, Ours: false}
	RedeemFraud = &Code{Family: "points", Number: 809, Name: "RedeemFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can redeem no points",
		Help:    "Redemptions can be reversed. Anyone who may change the customer's status can lift the mark.",
		Error:   true, Warning: true, Ours: false}
	PointsCustomerNotFound = &Code{Family: "points", Number: 816, Name: "PointsCustomerNotFound", Status: 404,
		Message: "No customer of the organization has {type} {value}",
		Help:    "Check the identifier and its type.",
		Error:   true, Warning: false, Ours: false}
	RedeemTooMany = &Code{Family: "points", Number: 819, Name: "RedeemTooMany", Status: 409,
		Message: "At most {max} points can be redeemed at a time",
		Help:    "Redeem fewer points.",
		Error:   true, Warning: true, Ours: false}
	RedeemTooFew = &Code{Family: "points", Number: 821, Name: "RedeemTooFew", Status: 409,
		Message: "At least {min} points are redeemed at a time",
		Help:    "Redeem more points.",
		Error:   true, Warning: true, Ours: false}
	RedeemOff = &Code{Family: "points", Number: 827, Name: "RedeemOff", Status: 409,
		Message: "Points cannot be redeemed",
		Help:    "The operator has switched redemption off.",
		Error:   true, Warning: true, Ours: false}
	ConfirmationNotSent = &Code{Family: "points", Number: 876, Name: "ConfirmationNotSent", Status: 200,
		Message: "No code was sent to the customer: {reason}",
		Help:    "Ask again later. The operator sets confirm-url and confirm-secret.",
		Error:   false, Warning: true, Ours: false}
	PointsTooFine = &Code{Family: "points", Number: 878, Name: "PointsTooFine", Status: 400,
		Message: "Points have at most {decimals} decimals",
		Help:    "Round the number of points.",
		Error:   true, Warning: true, Ours: false}
	PointsNotLoyalty = &Code{Family: "points", Number: 881, Name: "PointsNotLoyalty", Status: 409,
		Message: "Customer {id} is not in the loyalty program",
		Help:    "The customer can join it with Update Customer Details.",
		Error:   true, Warning: true, Ours: false}
	ReversePointsInvalid = &Code{Family: "points", Number: 901, Name: "ReversePointsInvalid", Status: 400,
		Message: "The points to reverse must be above 0 and at most {max}",
		Help:    "Omit pointsToBeReversed to reverse all that is left.",
		Error:   true, Warning: false, Ours: false}
	RedemptionNotFound = &Code{Family: "points", Number: 902, Name: "RedemptionNotFound", Status: 404,
		Message: "The organization has no redemption {id}",
		Help:    "Send the redemptionId returned by Redeem Points.",
		Error:   true, Warning: false, Ours: false}
	RedemptionOfOther = &Code{Family: "points", Number: 904, Name: "RedemptionOfOther", Status: 409,
		Message: "The redemption is another customer's",
		Help:    "Send an identifier of the customer who redeemed.",
		Error:   true, Warning: false, Ours: false}
	ProgramUnknown = &Code{Family: "points", Number: 1213, Name: "ProgramUnknown", Status: 400,
		Message: "The organization has no program {id}",
		Help:    "Omit programId, or send 1.",
		Error:   true, Warning: false, Ours: false}
	PointsDatesReversed = &Code{Family: "points", Number: 1214, Name: "PointsDatesReversed", Status: 400,
		Message: "The start lies after the end",
		Help:    "Send a start that is not after the end.",
		Error:   true, Warning: false, Ours: false}
	PointsDatePast = &Code{Family: "points", Number: 1215, Name: "PointsDatePast", Status: 400,
		Message: "The date is in the past",
		Help:    "Send today or a later day.",
		Error:   true, Warning: false, Ours: false}
	PointsDateInvalid = &Code{Family: "points", Number: 1216, Name: "PointsDateInvalid", Status: 400,
		Message: "The date cannot be read",
		Help:    "Send a date such as 2026-12-31.",
		Error:   true, Warning: false, Ours: false}
	PointsDateFar = &Code{Family: "points", Number: 1217, Name: "PointsDateFar", Status: 400,
		Message: "The dates lie too far away or apart",
		Help:    "Send dates within the bounds stated at the parameter.",
		Error:   true, Warning: false, Ours: false}
	RedemptionReversed = &Code{Family: "points", Number: 3802, Name: "RedemptionReversed", Status: 409,
		Message: "Redemption {id} is reversed already",
		Help:    "Nothing to do. All of its points were given back.",
		Error:   true, Warning: false, Ours: false}
	NotEnrolled = &Code{Family: "points", Number: 8089, Name: "NotEnrolled", Status: 404,
		Message: "Customer {id} is not in the loyalty program",
		Help:    "The customer can join it with Update Customer Details. In an organization without a program, nobody is a member.",
		Error:   true, Warning: false, Ours: false}
	ProgramMissing = &Code{Family: "points", Number: 9840, Name: "ProgramMissing", Status: 409,
		Message: "The organization has no points program",
		Help:    "The operator gives it one with `arteriole program set`.",
		Error:   true, Warning: true, Ours: true}
	ReferenceUsed = &Code{Family: "points", Number: 9841, Name: "ReferenceUsed", Status: 409,
		Message: "The external reference number was used for another redemption, {id}",
		Help:    "Send the same customer and points to get the first response again, or use a new number.",
		Error:   true, Warning: false, Ours: true}
	RedeemCustomerDay = &Code{Family: "points", Number: 9842, Name: "RedeemCustomerDay", Status: 409,
		Message: "A customer may redeem {max} points in a day; {left} are left for today",
		Help:    "The organization has set this limit.",
		Error:   true, Warning: true, Ours: true}
	RedeemTillDay = &Code{Family: "points", Number: 9843, Name: "RedeemTillDay", Status: 409,
		Message: "At one till {max} points may be redeemed in a day; {left} are left for today",
		Help:    "The organization has set this limit.",
		Error:   true, Warning: true, Ours: true}
	AdjustReasonMissing = &Code{Family: "points", Number: 9844, Name: "AdjustReasonMissing", Status: 400,
		Message: "An adjustment needs a reason",
		Help:    "Send reason with 1 to 255 characters. It is kept with the adjustment, together with who made it.",
		Error:   true, Warning: false, Ours: true}
	CouponRedemptionUnknown = &Code{Family: "coupons", Number: 510, Name: "CouponRedemptionUnknown", Status: 404,
		Message: "The redemption {id} is unknown, another customer's or taken back already",
		Help:    "Send ids of redemptions that have not been taken back, as returned by Redeem Coupons.",
		Error:   true, Warning: false, Ours: false}
	CouponsTooMany = &Code{Family: "coupons", Number: 629, Name: "CouponsTooMany", Status: 400,
		Message: "At most {max} coupons can be redeemed at a time",
		Help:    "Send fewer coupons in one request.",
		Error:   true, Warning: false, Ours: false}
	CouponRedemptionMissing = &Code{Family: "coupons", Number: 661, Name: "CouponRedemptionMissing", Status: 400,
		Message: "An id of a redemption is needed",
		Help:    "Send 1 to 100 ids returned by Redeem Coupons.",
		Error:   true, Warning: false, Ours: false}
	CouponCustomerNotFound = &Code{Family: "coupons", Number: 701, Name: "CouponCustomerNotFound", Status: 404,
		Message: "There is no such customer",
		Help:    "Check the value. A mobile number may need its country code.",
		Error:   true, Warning: false, Ours: false}
	CouponUnknown = &Code{Family: "coupons", Number: 702, Name: "CouponUnknown", Status: 404,
		Message: "There is no coupon {code}",
		Help:    "Check the code. Case and surrounding whitespace are ignored.",
		Error:   true, Warning: true, Ours: false}
	CouponOfAnother = &Code{Family: "coupons", Number: 703, Name: "CouponOfAnother", Status: 409,
		Message: "The coupon {code} was issued to another customer",
		Help:    "Only a coupon of a series with anyUser can be redeemed by other customers.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesUnknown = &Code{Family: "coupons", Number: 707, Name: "CouponSeriesUnknown", Status: 404,
		Message: "There is no coupon series {series}",
		Help:    "Send the id of a series of the organization.",
		Error:   true, Warning: false, Ours: false}
	CouponUsed = &Code{Family: "coupons", Number: 711, Name: "CouponUsed", Status: 409,
		Message: "The coupon {code} is used up",
		Help:    "It has been redeemed as often as it can be.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesExpired = &Code{Family: "coupons", Number: 712, Name: "CouponSeriesExpired", Status: 409,
		Message: "The coupon series {series} has ended",
		Help:    "Its coupons are no longer issued or redeemed. See validTillDate of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponExpired = &Code{Family: "coupons", Number: 713, Name: "CouponExpired", Status: 409,
		Message: "The coupon {code} has expired",
		Help:    "See validTill of the coupon.",
		Error:   true, Warning: true, Ours: false}
	CouponTwice = &Code{Family: "coupons", Number: 716, Name: "CouponTwice", Status: 400,
		Message: "The coupon {code} is named twice",
		Help:    "Name each coupon once.",
		Error:   true, Warning: false, Ours: false}
	CouponBillNumberMissing = &Code{Family: "coupons", Number: 718, Name: "CouponBillNumberMissing", Status: 400,
		Message: "The number of the bill is needed",
		Help:    "Send transactionNumber, at most 50 characters.",
		Error:   true, Warning: false, Ours: false}
	CouponCustomerInvalid = &Code{Family: "coupons", Number: 721, Name: "CouponCustomerInvalid", Status: 400,
		Message: "The customer is not named clearly: {reason}",
		Help:    "Send one of id, mobile, email and externalId. An id is always unambiguous.",
		Error:   true, Warning: false, Ours: false}
	CouponNotIssued = &Code{Family: "coupons", Number: 722, Name: "CouponNotIssued", Status: 409,
		Message: "No coupon of series {series} can be issued: {reason}",
		Help:    "The limits of the series determine how many coupons there can be and how often a customer gets one.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesUsed = &Code{Family: "coupons", Number: 728, Name: "CouponSeriesUsed", Status: 409,
		Message: "The coupon series {series} was redeemed as often as it can be",
		Help:    "See maxRedeem of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponOutsideRange = &Code{Family: "coupons", Number: 729, Name: "CouponOutsideRange", Status: 409,
		Message: "The coupon {code} cannot be redeemed at this time",
		Help:    "See redemptionValidFrom, redemptionValidAfterDays and redemptionRange of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponBillOutside = &Code{Family: "coupons", Number: 733, Name: "CouponBillOutside", Status: 409,
		Message: "The bill is too small or too large for the coupon {code}",
		Help:    "See minBillAmount and maxBillAmount of the series.",
		Error:   true, Warning: false, Ours: false}
	CouponNotAtStore = &Code{Family: "coupons", Number: 735, Name: "CouponNotAtStore", Status: 409,
		Message: "The coupon {code} cannot be redeemed in this store",
		Help:    "See storeIdsJson of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponUserLimit = &Code{Family: "coupons", Number: 736, Name: "CouponUserLimit", Status: 409,
		Message: "The customer has redeemed as many coupons of series {series} as one may",
		Help:    "See maxRedemptionsInSeriesPerUser of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponTooSoon = &Code{Family: "coupons", Number: 738, Name: "CouponTooSoon", Status: 409,
		Message: "The customer redeemed a coupon of series {series} too recently",
		Help:    "See minDaysBetweenRedemption of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponRedemptionDateInvalid = &Code{Family: "coupons", Number: 739, Name: "CouponRedemptionDateInvalid", Status: 400,
		Message: "The time of the redemption cannot be read or is out of bounds",
		Help:    "Send a date or date-time that is not in the future, and not further back than the setting bill-date-past, or 31 days if it is not set.",
		Error:   true, Warning: false, Ours: false}
	CouponFraud = &Code{Family: "coupons", Number: 740, Name: "CouponFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can neither get nor redeem coupons",
		Help:    "Anyone who may change the customer's status can lift the mark.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesMissing = &Code{Family: "coupons", Number: 746, Name: "CouponSeriesMissing", Status: 400,
		Message: "The id of a coupon series is needed",
		Help:    "Send seriesId.",
		Error:   true, Warning: false, Ours: false}
	CouponNotAgain = &Code{Family: "coupons", Number: 747, Name: "CouponNotAgain", Status: 409,
		Message: "The customer has redeemed the coupon {code} already",
		Help:    "See sameUserMultipleRedeem of the series. A coupon counts once per bill.",
		Error:   true, Warning: true, Ours: false}
	CouponPartnerFailed = &Code{Family: "coupons", Number: 749, Name: "CouponPartnerFailed", Status: 409,
		Message: "The coupon {code} was not redeemed because another one of the request failed",
		Help:    "Leave out the coupon that has an error of its own.",
		Error:   true, Warning: false, Ours: false}
	CouponSeriesCodeExists = &Code{Family: "coupons", Number: 751, Name: "CouponSeriesCodeExists", Status: 409,
		Message: "There is a coupon series with the code {code}",
		Help:    "Choose another seriesCode. Case is ignored.",
		Error:   true, Warning: false, Ours: false}
	CouponSeriesCodeEmpty = &Code{Family: "coupons", Number: 753, Name: "CouponSeriesCodeEmpty", Status: 400,
		Message: "The code of the coupon series is empty",
		Help:    "Omit seriesCode for a series without a code.",
		Error:   true, Warning: false, Ours: false}
	CouponExclusiveInvalid = &Code{Family: "coupons", Number: 756, Name: "CouponExclusiveInvalid", Status: 400,
		Message: "The exclusive series are not valid",
		Help:    "Send a JSON list of at most 100 ids of other series, in a string: \"[1,2]\".",
		Error:   true, Warning: false, Ours: false}
	CouponIssueSourceInvalid = &Code{Family: "coupons", Number: 777, Name: "CouponIssueSourceInvalid", Status: 400,
		Message: "The source is unknown or not enabled",
		Help:    "Send a source that the organization has enabled.",
		Error:   true, Warning: false, Ours: false}
	CouponNotNamed = &Code{Family: "coupons", Number: 781, Name: "CouponNotNamed", Status: 400,
		Message: "A coupon needs its code or its id",
		Help:    "Send one of the two.",
		Error:   true, Warning: false, Ours: false}
	CouponFilterMissing = &Code{Family: "coupons", Number: 1000, Name: "CouponFilterMissing", Status: 400,
		Message: "A filter is needed",
		Help:    "Send at least one filter.",
		Error:   true, Warning: false, Ours: false}
	CouponLimitBelowUse = &Code{Family: "coupons", Number: 9850, Name: "CouponLimitBelowUse", Status: 409,
		Message: "The limit is below what there is: {issued} coupons issued, {redeemed} redemptions",
		Help:    "Send a limit that is not below these numbers.",
		Error:   true, Warning: false, Ours: true}
	IngestionProfileUnknown = &Code{Family: "ingestion", Number: 9701, Name: "IngestionProfileUnknown", Status: 400,
		Message: "The profile is missing or unknown",
		Help:    "Send one of the profiles listed under Create an Ingestion Job.",
		Error:   true, Warning: false, Ours: true}
	IngestionFormatUnknown = &Code{Family: "ingestion", Number: 9702, Name: "IngestionFormatUnknown", Status: 400,
		Message: "The format is not one that can be read",
		Help:    "Send NDJSON or CSV, and a file of that type.",
		Error:   true, Warning: false, Ours: true}
	IngestionFileMissing = &Code{Family: "ingestion", Number: 9703, Name: "IngestionFileMissing", Status: 400,
		Message: "The file is missing or has no row",
		Help:    "Upload a file with at least one row; in a form, as the part file.",
		Error:   true, Warning: false, Ours: true}
	IngestionFileTooLarge = &Code{Family: "ingestion", Number: 9704, Name: "IngestionFileTooLarge", Status: 413,
		Message: "The file has more than {most}",
		Help:    "Split the file. The organization's settings limit its size and number of rows.",
		Error:   true, Warning: false, Ours: true}
	IngestionJobNotFound = &Code{Family: "ingestion", Number: 9705, Name: "IngestionJobNotFound", Status: 404,
		Message: "There is no job {id}",
		Help:    "Get the ids from List Ingestion Jobs. Jobs are kept for the number of days that the organization has set.",
		Error:   true, Warning: false, Ours: true}
	IngestionStateForbids = &Code{Family: "ingestion", Number: 9706, Name: "IngestionStateForbids", Status: 409,
		Message: "Job {id} is {status}, which does not allow this",
		Help:    "A job takes its file once; an ended job cannot be cancelled; only an ended job with failed rows can be retried.",
		Error:   true, Warning: false, Ours: true}
	IngestionRowUnreadable = &Code{Family: "ingestion", Number: 9707, Name: "IngestionRowUnreadable", Status: 400,
		Message: "The row cannot be read: {reason}",
		Help:    "In NDJSON, a row is one JSON object on one line. In CSV, it is one record as in RFC 4180.",
		Error:   true, Warning: false, Ours: true}
	IngestionColumnsInvalid = &Code{Family: "ingestion", Number: 9708, Name: "IngestionColumnsInvalid", Status: 400,
		Message: "The columns do not fit: {reason}",
		Help:    "Name each column once, by a path such as profiles[0].firstName.",
		Error:   true, Warning: false, Ours: true}
	IngestionReferenceTaken = &Code{Family: "ingestion", Number: 9709, Name: "IngestionReferenceTaken", Status: 409,
		Message: "Job {id} has this external reference and other parameters or another file",
		Help:    "Send the parameters and file with which the job was created, or another reference.",
		Error:   true, Warning: false, Ours: true}
	IngestionFilesFull = &Code{Family: "ingestion", Number: 9725, Name: "IngestionFilesFull", Status: 409,
		Message: "The organization already has {most} files waiting or being processed, the maximum",
		Help:    "Start or cancel waiting jobs, or send the file again when one has ended.",
		Error:   true, Warning: false, Ours: true}
	EventAttributeInvalid = &Code{Family: "events", Number: 1802, Name: "EventAttributeInvalid", Status: 400,
		Message: "The attribute is not valid: {reason}",
		Help:    "An attribute has a value as text: true or false, the name of a source or identifier type, or an RE2 regular expression.",
		Error:   true, Warning: false, Ours: false}
	EventExists = &Code{Family: "events", Number: 1806, Name: "EventExists", Status: 409,
		Message: "There is an event {name}",
		Help:    "Choose another name. Case is ignored; names of disabled events remain taken.",
		Error:   true, Warning: false, Ours: false}
	EventActionInvalid = &Code{Family: "events", Number: 1810, Name: "EventActionInvalid", Status: 400,
		Message: "The actions are missing or unknown",
		Help:    "Send a list with EMFConsumer, EIConsumer or both.",
		Error:   true, Warning: false, Ours: false}
	EventNameInvalid = &Code{Family: "events", Number: 1811, Name: "EventNameInvalid", Status: 400,
		Message: "The name is missing or not valid",
		Help:    "A name has 1 to 100 characters and no whitespace. Each field has a unique name, other than event_name.",
		Error:   true, Warning: false, Ours: false}
	EventFieldTypeInvalid = &Code{Family: "events", Number: 1823, Name: "EventFieldTypeInvalid", Status: 400,
		Message: "The type of the field is missing, unknown, or a second customer field",
		Help:    "Send one of the types listed under Create Event Definition; customer at most once.",
		Error:   true, Warning: false, Ours: false}
	EventUnknown = &Code{Family: "events", Number: 9710, Name: "EventUnknown", Status: 404,
		Message: "There is no event {name}",
		Help:    "Get the names from List Event Definitions.",
		Error:   true, Warning: false, Ours: true}
	EventDisabled = &Code{Family: "events", Number: 9711, Name: "EventDisabled", Status: 409,
		Message: "The event {name} was disabled",
		Help:    "Only a standard event can be enabled again. Define an event under another name.",
		Error:   true, Warning: false, Ours: true}
	EventPublished = &Code{Family: "events", Number: 9712, Name: "EventPublished", Status: 409,
		Message: "The event {name} is published: {reason}",
		Help:    "Send every existing field unchanged. New fields must be neither required nor part of the unique key.",
		Error:   true, Warning: false, Ours: true}
	EventFieldMissing = &Code{Family: "events", Number: 9713, Name: "EventFieldMissing", Status: 400,
		Message: "The field {field} is needed",
		Help:    "Send a value for it.",
		Error:   true, Warning: false, Ours: true}
	EventFieldInvalid = &Code{Family: "events", Number: 9714, Name: "EventFieldInvalid", Status: 400,
		Message: "The field {field} is not valid: {reason}",
		Help:    "See in List Event Definitions what values the field takes.",
		Error:   true, Warning: false, Ours: true}
	EventDuplicate = &Code{Family: "events", Number: 9715, Name: "EventDuplicate", Status: 200,
		Message: "The event repeats event {id} and has no effect",
		Help:    "Nothing to do, unless it is a different event: in that case send another eventId, or other values for the unique key.",
		Error:   false, Warning: true, Ours: true}
	EventNotFound = &Code{Family: "events", Number: 9716, Name: "EventNotFound", Status: 404,
		Message: "There is no event with the id {id}",
		Help:    "Use the id returned when the event arrived. Events are kept for the number of days that the organization has set.",
		Error:   true, Warning: false, Ours: true}
	EventTransformerInvalid = &Code{Family: "events", Number: 9717, Name: "EventTransformerInvalid", Status: 400,
		Message: "The transformer cannot be used: {reason}",
		Help:    "Send defaultTransformer, or a transformer with a mapping from Map Events, and only events that its mapping takes.",
		Error:   true, Warning: false, Ours: true}
	EventWebhookExists = &Code{Family: "events", Number: 9718, Name: "EventWebhookExists", Status: 409,
		Message: "There is a webhook of {transformer}, whose address was shown when it was made",
		Help:    "If its address is lost, disable it first.",
		Error:   true, Warning: false, Ours: true}
	EventWebhookNotFound = &Code{Family: "events", Number: 9719, Name: "EventWebhookNotFound", Status: 404,
		Message: "There is no such webhook in use",
		Help:    "Get the ids from List Event Webhooks. The address of a disabled webhook never works again.",
		Error:   true, Warning: false, Ours: true}
	EventFieldUnknown = &Code{Family: "events", Number: 9720, Name: "EventFieldUnknown", Status: 200,
		Message: "The event has no field {field}; it was left out",
		Help:    "Compare the name with the definition. Case matters.",
		Error:   false, Warning: true, Ours: true}
	EventsTooMany = &Code{Family: "events", Number: 9721, Name: "EventsTooMany", Status: 400,
		Message: "At most {max} events can be sent at a time",
		Help:    "Send the rest in another request, or as the file of an ingestion job.",
		Error:   true, Warning: false, Ours: true}
	EventDefinitionsFull = &Code{Family: "events", Number: 9722, Name: "EventDefinitionsFull", Status: 409,
		Message: "There are {max} event definitions in use already",
		Help:    "Disable a definition that is not needed.",
		Error:   true, Warning: false, Ours: true}
	EventTillUnknown = &Code{Family: "events", Number: 9723, Name: "EventTillUnknown", Status: 400,
		Message: "The till is missing or unknown",
		Help:    "Send the code of an enabled till of the organization.",
		Error:   true, Warning: false, Ours: true}
	WebhookUrlInvalid = &Code{Family: "events", Number: 9860, Name: "WebhookUrlInvalid", Status: 400,
		Message: "The address cannot be used: {reason}",
		Help:    "Send an HTTPS address of at most 2,000 characters, without a user name, whose host name the public internet can reach.",
		Error:   true, Warning: false, Ours: true}
	WebhookNotFound = &Code{Family: "events", Number: 9861, Name: "WebhookNotFound", Status: 404,
		Message: "There is no webhook {id} in use",
		Help:    "Get the ids from List Webhooks.",
		Error:   true, Warning: false, Ours: true}
	WebhookEventUnknown = &Code{Family: "events", Number: 9862, Name: "WebhookEventUnknown", Status: 400,
		Message: "There is no such event",
		Help:    "Send events from the table of Create Webhook, each once.",
		Error:   true, Warning: false, Ours: true}
	WebhookDeliveryNotFound = &Code{Family: "events", Number: 9863, Name: "WebhookDeliveryNotFound", Status: 404,
		Message: "The webhook has no delivery of event {id}",
		Help:    "See List Deliveries of a Webhook. Deliveries are kept for a week.",
		Error:   true, Warning: false, Ours: true}
	WebhooksTooMany = &Code{Family: "events", Number: 9864, Name: "WebhooksTooMany", Status: 409,
		Message: "The organization has {most} webhooks already",
		Help:    "Disable a webhook that is no longer needed.",
		Error:   true, Warning: false, Ours: true}
	KittenHidden = &Code{Family: "kittens", Number: 403, Name: "KittenHidden", Status: 403,
		Message: "The kitten is hidden from all but administrators",
		Help:    "Ask for another kitten.",
		Error:   true, Warning: false, Ours: false}
	KittenNotFound = &Code{Family: "kittens", Number: 404, Name: "KittenNotFound", Status: 404,
		Message: "There is no kitten {id}",
		Help:    "Use an id from Get All Kittens.",
		Error:   true, Warning: false, Ours: false}
	KittenGone = &Code{Family: "kittens", Number: 410, Name: "KittenGone", Status: 410,
		Message: "Kitten {id} was removed",
		Help:    "It does not come back. Ask for another kitten.",
		Error:   true, Warning: false, Ours: false}
	KittenTeapot = &Code{Family: "kittens", Number: 418, Name: "KittenTeapot", Status: 418,
		Message: "Kitten {id} is a teapot",
		Help:    "Take it off the stove and ask for a kitten.",
		Error:   true, Warning: false, Ours: false}
)

// All is every code, in the order of openapi.yaml.
var All = []*Code{
	BadRequest,
	Unauthorized,
	Forbidden,
	NotFound,
	MethodNotAllowed,
	NotAcceptable,
	RequestTimeout,
	Conflict,
	PayloadTooLarge,
	UnsupportedMediaType,
	TooManyRequests,
	HeadersTooLarge,
	Internal,
	Unavailable,
	MobileRequired,
	CustomFieldInvalid,
	EmailRequired,
	ExternalIDRequired,
	BatchTooLarge,
	SubscriptionChannelInvalid,
	SubscriptionPriorityInvalid,
	SubscriptionScopeInvalid,
	SeveralScopes,
	SubscriptionTypeInvalid,
	CampaignIdInvalid,
	CommunicationIdInvalid,
	LookupIdentifierMissing,
	SourceInvalid,
	SourceMissing,
	NoValidIdentifier,
	CustomerExists,
	IdentifierTaken,
	IdentifiersOfOtherProfile,
	UpdateCustomerNotFound,
	ChannelInvalid,
	LookupSourceInvalid,
	DetailsSourceInvalid,
	IdentifierNameInvalid,
	PrimaryIdentifierInvalid,
	CustomerNotFound,
	RegistrationDateInvalid,
	LoyaltyDowngrade,
	RegisterErased,
	AccountIdMissing,
	Combined,
	Merged,
	RegisterConflict,
	IdentifierConflict,
	EmailInvalid,
	MobileInvalid,
	ChannelEmailInvalid,
	ChannelMobileInvalid,
	ExternalIDInvalid,
	NotInSource,
	CannotCombine,
	AlreadyMerged,
	MergedCustomer,
	NothingChanged,
	MobileAlreadyOn,
	EmailAlreadyOn,
	ExternalIDAlreadyOn,
	SeveralCustomers,
	AssociatedTillUnknown,
	StatusLabelInvalid,
	OffsetNegative,
	LimitNotPositive,
	LimitTooLarge,
	StatusReasonMissing,
	CustomerErased,
	NoIDs,
	TooManyIDs,
	AccountInvalid,
	MergeRequestTypeInvalid,
	MergeSurvivorInvalid,
	MergeRequestBaseInvalid,
	MergeRequestNotFound,
	MergePendingVictim,
	MergeRequestUnnamed,
	MergeSurvivorMerged,
	MergePendingSurvivor,
	MergeVictimMerged,
	MergeAwaitsApproval,
	SearchTotalCapped,
	SandboxFull,
	MergeNotFound,
	MergeTooOld,
	MergeUndone,
	MergeUndoOrder,
	MergeIdentifierTaken,
	MergeLeavesNothing,
	MergePointsSpent,
	MergeRequestState,
	MergeRequestOutdated,
	IdentifierProtected,
	ExtendedFieldInvalid,
	RegistrationTillInvalid,
	SubscriptionFailed,
	AttributionTypeMissing,
	OrgUnknown,
	SourceAccountUnknown,
	SourceAccountTaken,
	SourceWithoutAccounts,
	TillUnknown,
	CardNumbersOff,
	SourceAccountInUse,
	CardNumbersUsedUp,
	AttributionTillInvalid,
	AmountInvalid,
	BillNumberInvalid,
	BillNumberExists,
	BillTypeInvalid,
	BillIdentifierMissing,
	BillAlreadyCancelled,
	LineAttributeInvalid,
	BillOfFraud,
	TransactionNotFound,
	BillDateInvalid,
	ReturnBeforePurchase,
	BillNotFound,
	ReturnQuantityAboveBought,
	QuantityNegative,
	ReturnTypeInvalid,
	ReturnQuantityAboveLeft,
	ReturnAmountTooHigh,
	BillAmountNegative,
	ReturnLinesAfterAmount,
	BillAlreadyReturned,
	ReturnAmountAfterLines,
	PointsSpent,
	ReturnFullAfterPart,
	BillRedemptionInvalid,
	BillDateAhead,
	BillDatePast,
	LineAmountNegative,
	LineValueNegative,
	LineRateNegative,
	LineDiscountNegative,
	GrossNegative,
	DiscountNegative,
	NotThisCustomersBill,
	NumberNotThisCustomers,
	BillCustomFieldInvalid,
	BillUnnamed,
	BillTillInvalid,
	TooManyBills,
	ReturnsNotAllowed,
	LineReturnsNotAllowed,
	AmountReturnsNotAllowed,
	FullReturnsNotAllowed,
	ReturnNumberMissing,
	ReturnLineAmountTooHigh,
	ReturnLinesMissing,
	CurrencyConversionOff,
	BillFieldTooLong,
	PointsQueued,
	ReturnLineUnmatched,
	ReturnableDaysInvalid,
	BillDatesReversed,
	BillQueryDateInvalid,
	LineTypeInvalid,
	LineReturnTypeInvalid,
	BillStatusInvalid,
	NoBaseCurrency,
	NoBillCurrency,
	PaymentModeUnknown,
	PaymentAttributeInvalid,
	NoProgram,
	BillIsOutlier,
	SeveralBills,
	SavedAsNotInterested,
	LineUnknown,
	BillExtendedFieldInvalid,
	TransferToFraud,
	TransferFromFraud,
	TransferToSelf,
	TransferMerged,
	PointsInvalid,
	PointsIdentifierInvalid,
	PointsInsufficient,
	RedeemBalanceLow,
	RedeemLifetimeLow,
	RedeemPurchasesLow,
	RedeemNoMultiple,
	ConfirmationInvalid,
	RedeemFraud,
	PointsCustomerNotFound,
	RedeemTooMany,
	RedeemTooFew,
	RedeemOff,
	ConfirmationNotSent,
	PointsTooFine,
	PointsNotLoyalty,
	ReversePointsInvalid,
	RedemptionNotFound,
	RedemptionOfOther,
	ProgramUnknown,
	PointsDatesReversed,
	PointsDatePast,
	PointsDateInvalid,
	PointsDateFar,
	RedemptionReversed,
	NotEnrolled,
	ProgramMissing,
	ReferenceUsed,
	RedeemCustomerDay,
	RedeemTillDay,
	AdjustReasonMissing,
	CouponRedemptionUnknown,
	CouponsTooMany,
	CouponRedemptionMissing,
	CouponCustomerNotFound,
	CouponUnknown,
	CouponOfAnother,
	CouponSeriesUnknown,
	CouponUsed,
	CouponSeriesExpired,
	CouponExpired,
	CouponTwice,
	CouponBillNumberMissing,
	CouponCustomerInvalid,
	CouponNotIssued,
	CouponSeriesUsed,
	CouponOutsideRange,
	CouponBillOutside,
	CouponNotAtStore,
	CouponUserLimit,
	CouponTooSoon,
	CouponRedemptionDateInvalid,
	CouponFraud,
	CouponSeriesMissing,
	CouponNotAgain,
	CouponPartnerFailed,
	CouponSeriesCodeExists,
	CouponSeriesCodeEmpty,
	CouponExclusiveInvalid,
	CouponIssueSourceInvalid,
	CouponNotNamed,
	CouponFilterMissing,
	CouponLimitBelowUse,
	IngestionProfileUnknown,
	IngestionFormatUnknown,
	IngestionFileMissing,
	IngestionFileTooLarge,
	IngestionJobNotFound,
	IngestionStateForbids,
	IngestionRowUnreadable,
	IngestionColumnsInvalid,
	IngestionReferenceTaken,
	IngestionFilesFull,
	EventAttributeInvalid,
	EventExists,
	EventActionInvalid,
	EventNameInvalid,
	EventFieldTypeInvalid,
	EventUnknown,
	EventDisabled,
	EventPublished,
	EventFieldMissing,
	EventFieldInvalid,
	EventDuplicate,
	EventNotFound,
	EventTransformerInvalid,
	EventWebhookExists,
	EventWebhookNotFound,
	EventFieldUnknown,
	EventsTooMany,
	EventDefinitionsFull,
	EventTillUnknown,
	WebhookUrlInvalid,
	WebhookNotFound,
	WebhookEventUnknown,
	WebhookDeliveryNotFound,
	WebhooksTooMany,
	KittenHidden,
	KittenNotFound,
	KittenGone,
	KittenTeapot,
}
