// Code generated from openapi.yaml by gen/faults. DO NOT EDIT.

package fault

var (
	BadRequest = &Code{Family: "http", Number: 400, Name: "BadRequest", Status: 400,
		Message: "{place} {reason}",
		Help:    "The message begins with the place to mend. Compare it with the parameters and the body described here.",
		Error:   true, Warning: false, Ours: false}
	Unauthorized = &Code{Family: "http", Number: 401, Name: "Unauthorized", Status: 401,
		Message: "The credentials are missing or wrong",
		Help:    "Send one of these: Authorization: Basic with the Base64 of till:md5, where the md5 of the password stands in its place; an access token; or the bare key for the kittens. The guide to authentication makes the header.",
		Error:   true, Warning: false, Ours: false}
	Forbidden = &Code{Family: "http", Number: 403, Name: "Forbidden", Status: 403,
		Message: "These credentials may not do this",
		Help:    "Ask the operator of the server for credentials with the role that the operation names.",
		Error:   true, Warning: false, Ours: false}
	NotFound = &Code{Family: "http", Number: 404, Name: "NotFound", Status: 404,
		Message: "There is nothing at this address",
		Help:    "Check the path. An id in a path is written in digits.",
		Error:   true, Warning: false, Ours: false}
	MethodNotAllowed = &Code{Family: "http", Number: 405, Name: "MethodNotAllowed", Status: 405,
		Message: "The method is not allowed here",
		Help:    "The Allow header names the methods that are.",
		Error:   true, Warning: false, Ours: false}
	NotAcceptable = &Code{Family: "http", Number: 406, Name: "NotAcceptable", Status: 406,
		Message: "Only application/json can be answered",
		Help:    "Leave the Accept header out or let it include application/json.",
		Error:   true, Warning: false, Ours: false}
	RequestTimeout = &Code{Family: "http", Number: 408, Name: "RequestTimeout", Status: 408,
		Message: "The request took too long to arrive",
		Help:    "Send it again, at once if you like, over a better connection. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	Conflict = &Code{Family: "http", Number: 409, Name: "Conflict", Status: 409,
		Message: "The request conflicts with another: {reason}",
		Help:    "With Retry-After, send it again after that time. Without, the Idempotency-Key was used for another request: take a new key.",
		Error:   true, Warning: false, Ours: false}
	PayloadTooLarge = &Code{Family: "http", Number: 413, Name: "PayloadTooLarge", Status: 413,
		Message: "The body is too large",
		Help:    "Send less in one request. The operator sets the limit.",
		Error:   true, Warning: false, Ours: false}
	UnsupportedMediaType = &Code{Family: "http", Number: 415, Name: "UnsupportedMediaType", Status: 415,
		Message: "The body must be {types}",
		Help:    "Send Content-Type: application/json and an uncompressed body; to an upload of a file, one of the types that its page names.",
		Error:   true, Warning: false, Ours: false}
	TooManyRequests = &Code{Family: "http", Number: 429, Name: "TooManyRequests", Status: 429,
		Message: "Too many requests",
		Help:    "Wait for as many seconds as the Retry-After header says.",
		Error:   true, Warning: false, Ours: false}
	HeadersTooLarge = &Code{Family: "http", Number: 431, Name: "HeadersTooLarge", Status: 431,
		Message: "The address or the headers are too large",
		Help:    "Send a shorter address and fewer headers.",
		Error:   true, Warning: false, Ours: false}
	Internal = &Code{Family: "http", Number: 500, Name: "Internal", Status: 500,
		Message: "Something failed in the server",
		Help:    "Tell the operator the request id of the answer; the log has the cause under it.",
		Error:   true, Warning: false, Ours: false}
	Unavailable = &Code{Family: "http", Number: 503, Name: "Unavailable", Status: 503,
		Message: "The server cannot take this request now",
		Help:    "Try again after as many seconds as the Retry-After header says. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	MobileRequired = &Code{Family: "customers", Number: 1006, Name: "MobileRequired", Status: 400,
		Message: "A mobile number is needed to register here",
		Help:    "The mobile number is this organization's primary identifier. Add an identifier of type mobile.",
		Error:   true, Warning: false, Ours: false}
	CustomFieldInvalid = &Code{Family: "customers", Number: 1017, Name: "CustomFieldInvalid", Status: 400,
		Message: "The custom field {name} is not defined or its value is not valid",
		Help:    "Use the fields that the organization has defined, by their exact names, with text of at most 2,000 characters.",
		Error:   true, Warning: false, Ours: false}
	EmailRequired = &Code{Family: "customers", Number: 1039, Name: "EmailRequired", Status: 400,
		Message: "An e-mail address is needed to register here",
		Help:    "The e-mail address is this organization's primary identifier. Add an identifier of type email.",
		Error:   true, Warning: false, Ours: false}
	ExternalIDRequired = &Code{Family: "customers", Number: 1043, Name: "ExternalIDRequired", Status: 400,
		Message: "An external id is needed to register here",
		Help:    "The external id is this organization's primary identifier. Add an identifier of type externalId.",
		Error:   true, Warning: false, Ours: false}
	BatchTooLarge = &Code{Family: "customers", Number: 1060, Name: "BatchTooLarge", Status: 400,
		Message: "A batch may hold at most {max} entries",
		Help:    "Send the entries in several requests.",
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
		Help:    "Leave it out, or send USER with NONE.",
		Error:   true, Warning: false, Ours: false}
	SeveralScopes = &Code{Family: "customers", Number: 1105, Name: "SeveralScopes", Status: 400,
		Message: "One scope can be given, as an object",
		Help:    "Leave it out, or send one object.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionTypeInvalid = &Code{Family: "customers", Number: 1106, Name: "SubscriptionTypeInvalid", Status: 400,
		Message: "The type of the subscription is missing or unknown",
		Help:    "Send OPTIN or OPTOUT.",
		Error:   true, Warning: false, Ours: false}
	CampaignIdInvalid = &Code{Family: "customers", Number: 1107, Name: "CampaignIdInvalid", Status: 400,
		Message: "The campaign id is not a whole number from -1",
		Help:    "Leave it out or send the number of a campaign.",
		Error:   true, Warning: false, Ours: false}
	CommunicationIdInvalid = &Code{Family: "customers", Number: 1108, Name: "CommunicationIdInvalid", Status: 400,
		Message: "The communication id is not a whole number from -1",
		Help:    "Leave it out or send the number of a message.",
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
		Help:    "Send source in the address or in the profile.",
		Error:   true, Warning: false, Ours: false}
	NoValidIdentifier = &Code{Family: "customers", Number: 8005, Name: "NoValidIdentifier", Status: 400,
		Message: "No valid identifier is left: {reason}",
		Help:    "Send at least one identifier that follows the rules of its type.",
		Error:   true, Warning: false, Ours: false}
	CustomerExists = &Code{Family: "customers", Number: 8006, Name: "CustomerExists", Status: 409,
		Message: "Customer {id} already has this identifier in the same source",
		Help:    "Registering never updates. Use Update Customer Details with the id of the message.",
		Error:   true, Warning: false, Ours: false}
	IdentifierTaken = &Code{Family: "customers", Number: 8007, Name: "IdentifierTaken", Status: 409,
		Message: "Customer {id} already has this identifier in the same source",
		Help:    "An identifier belongs to one customer in a source. Remove it there first.",
		Error:   true, Warning: false, Ours: false}
	IdentifiersOfOtherProfile = &Code{Family: "customers", Number: 8008, Name: "IdentifiersOfOtherProfile", Status: 409,
		Message: "The identifiers belong to customer {id} in the same source",
		Help:    "Identifiers in an update only confirm whom it is about. Leave them out or send the customer's own.",
		Error:   true, Warning: false, Ours: false}
	UpdateCustomerNotFound = &Code{Family: "customers", Number: 8009, Name: "UpdateCustomerNotFound", Status: 404,
		Message: "No customer of the organization has id {id}",
		Help:    "Find the id with Fetch Customer ID.",
		Error:   true, Warning: false, Ours: false}
	ChannelInvalid = &Code{Family: "customers", Number: 8010, Name: "ChannelInvalid", Status: 400,
		Message: "The channel is unknown, has no valid value or is not one of the source",
		Help:    "As an error: use one of the channel types listed. As a warning at its type: the channel was stored although the source has none of its kind. As a warning at its value: it was left out.",
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
		Help:    "Send identifierName with one of the types listed, such as mobile.",
		Error:   true, Warning: false, Ours: false}
	PrimaryIdentifierInvalid = &Code{Family: "customers", Number: 8014, Name: "PrimaryIdentifierInvalid", Status: 400,
		Message: "The primary identifier, {type}, is not valid",
		Help:    "The organization asks for this identifier at registration. Send a valid one.",
		Error:   true, Warning: false, Ours: false}
	CustomerNotFound = &Code{Family: "customers", Number: 8015, Name: "CustomerNotFound", Status: 404,
		Message: "No customer of the organization has {type} {value}",
		Help:    "Check the value and its type. A mobile number may need its country code.",
		Error:   true, Warning: false, Ours: false}
	RegistrationDateInvalid = &Code{Family: "customers", Number: 8017, Name: "RegistrationDateInvalid", Status: 400,
		Message: "The registration date cannot be read or is out of bounds",
		Help:    "Send a date-time such as 2016-06-23T19:11:18+08:00 within the bounds that the organization has set.",
		Error:   true, Warning: false, Ours: false}
	LoyaltyDowngrade = &Code{Family: "customers", Number: 8018, Name: "LoyaltyDowngrade", Status: 409,
		Message: "A loyalty customer cannot become non_loyalty",
		Help:    "Leave loyaltyType out.",
		Error:   true, Warning: false, Ours: false}
	RegisterErased = &Code{Family: "customers", Number: 8026, Name: "RegisterErased", Status: 409,
		Message: "The data of the customer with this {type} was erased at their request",
		Help:    "Whoever wants to come back gives another identifier first.",
		Error:   true, Warning: false, Ours: false}
	AccountIdMissing = &Code{Family: "customers", Number: 8045, Name: "AccountIdMissing", Status: 400,
		Message: "{source} has several accounts; accountId is needed",
		Help:    "Send accountId with the source.",
		Error:   true, Warning: false, Ours: false}
	Combined = &Code{Family: "customers", Number: 8050, Name: "Combined", Status: 200,
		Message: "Customer {id} has this identifier in another source; combined",
		Help:    "Nothing to do. The profile was added to the customer of the message.",
		Error:   false, Warning: true, Ours: false}
	Merged = &Code{Family: "customers", Number: 8051, Name: "Merged", Status: 200,
		Message: "Customer {id} has this identifier in another source; merged into it",
		Help:    "Use the id of the message from now on. The id of the request only leads to it.",
		Error:   false, Warning: true, Ours: false}
	RegisterConflict = &Code{Family: "customers", Number: 8052, Name: "RegisterConflict", Status: 200,
		Message: "Customers {ids} have these identifiers in other sources; a new customer was made",
		Help:    "If they are one person, bring them together with Ask for a Merge.",
		Error:   false, Warning: true, Ours: false}
	IdentifierConflict = &Code{Family: "customers", Number: 8053, Name: "IdentifierConflict", Status: 409,
		Message: "The identifiers belong to several other customers: {ids}",
		Help:    "Change one identifier at a time. Where one identifier belongs to several customers, Ask for a Merge brings them together first.",
		Error:   true, Warning: false, Ours: false}
	EmailInvalid = &Code{Family: "customers", Number: 8055, Name: "EmailInvalid", Status: 200,
		Message: "The e-mail address is not valid and was left out",
		Help:    "Send an address with one @ and at most 254 characters.",
		Error:   false, Warning: true, Ours: false}
	MobileInvalid = &Code{Family: "customers", Number: 8056, Name: "MobileInvalid", Status: 200,
		Message: "The mobile number is not valid and was left out",
		Help:    "Send 7 to 15 digits with the country code.",
		Error:   false, Warning: true, Ours: false}
	ChannelEmailInvalid = &Code{Family: "customers", Number: 8057, Name: "ChannelEmailInvalid", Status: 200,
		Message: "The e-mail address of the channel is not valid; the channel was left out",
		Help:    "Send an address with one @ and at most 254 characters.",
		Error:   false, Warning: true, Ours: false}
	ChannelMobileInvalid = &Code{Family: "customers", Number: 8058, Name: "ChannelMobileInvalid", Status: 200,
		Message: "The mobile number of the channel is not valid; the channel was left out",
		Help:    "Send 7 to 15 digits with the country code.",
		Error:   false, Warning: true, Ours: false}
	ExternalIDInvalid = &Code{Family: "customers", Number: 8064, Name: "ExternalIDInvalid", Status: 200,
		Message: "The identifier breaks the rule of its type and was left out",
		Help:    "Send an external id of at most 64 characters without a comma, with the prefix and length that the organization has set; any other identifier of 1 to 255 characters.",
		Error:   false, Warning: true, Ours: false}
	NotInSource = &Code{Family: "customers", Number: 8065, Name: "NotInSource", Status: 404,
		Message: "The customer has no profile in this source or account",
		Help:    "Use the source in which the customer is registered, or ALL to read every profile.",
		Error:   true, Warning: false, Ours: false}
	CannotCombine = &Code{Family: "customers", Number: 8066, Name: "CannotCombine", Status: 409,
		Message: "Customer {id} already has a profile in the same source; cannot combine",
		Help:    "A customer has one profile in each source and account. Nothing was written.",
		Error:   true, Warning: false, Ours: false}
	AlreadyMerged = &Code{Family: "customers", Number: 8067, Name: "AlreadyMerged", Status: 409,
		Message: "Customer {id} was already merged into {survivor}",
		Help:    "Use the id of the message.",
		Error:   true, Warning: false, Ours: false}
	MergedCustomer = &Code{Family: "customers", Number: 8069, Name: "MergedCustomer", Status: 409,
		Message: "Customer {id} was merged into {survivor}",
		Help:    "Use the id of the message. Reading follows it by itself; writing does not.",
		Error:   true, Warning: true, Ours: false}
	NothingChanged = &Code{Family: "customers", Number: 8070, Name: "NothingChanged", Status: 200,
		Message: "Nothing was changed",
		Help:    "The customer has every identifier to add and none to remove, or what was sent is not valid; then another warning says what is wrong with it.",
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
		Help:    "Send a source to say which one is meant.",
		Error:   false, Warning: true, Ours: false}
	AssociatedTillUnknown = &Code{Family: "customers", Number: 8077, Name: "AssociatedTillUnknown", Status: 200,
		Message: "The associated till {till} is unknown and was left out",
		Help:    "Send the code of a till of the organization.",
		Error:   false, Warning: true, Ours: false}
	StatusLabelInvalid = &Code{Family: "customers", Number: 8086, Name: "StatusLabelInvalid", Status: 400,
		Message: "The label of the status is missing or unknown",
		Help:    "Send Active, Suspended, Deleted, Fraud or a label of the organization.",
		Error:   true, Warning: false, Ours: false}
	OffsetNegative = &Code{Family: "customers", Number: 8100, Name: "OffsetNegative", Status: 400,
		Message: "The offset must be 0 or more",
		Help:    "Send the number of rows to skip.",
		Error:   true, Warning: false, Ours: false}
	LimitNotPositive = &Code{Family: "customers", Number: 8101, Name: "LimitNotPositive", Status: 400,
		Message: "The limit must be 1 or more",
		Help:    "Send how many rows to answer.",
		Error:   true, Warning: false, Ours: false}
	LimitTooLarge = &Code{Family: "customers", Number: 8102, Name: "LimitTooLarge", Status: 400,
		Message: "The limit may be at most {max}",
		Help:    "Ask for fewer rows and page with offset.",
		Error:   true, Warning: false, Ours: false}
	StatusReasonMissing = &Code{Family: "customers", Number: 8107, Name: "StatusReasonMissing", Status: 400,
		Message: "A reason of at most 1000 characters is needed",
		Help:    "Say why the customer gets this status.",
		Error:   true, Warning: false, Ours: false}
	CustomerErased = &Code{Family: "customers", Number: 8109, Name: "CustomerErased", Status: 410,
		Message: "The data of customer {id} was erased",
		Help:    "The id leads to nobody any more and is never used again.",
		Error:   true, Warning: false, Ours: false}
	NoIDs = &Code{Family: "customers", Number: 8119, Name: "NoIDs", Status: 400,
		Message: "The list of ids is empty",
		Help:    "Send at least one id.",
		Error:   true, Warning: false, Ours: false}
	TooManyIDs = &Code{Family: "customers", Number: 8120, Name: "TooManyIDs", Status: 400,
		Message: "At most {max} ids can be asked for at once",
		Help:    "Send the ids in several requests.",
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
		Message: "Customer {id} cannot be the one who stays",
		Help:    "Send the id of a customer of the organization, and not the one who is to go.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestBaseInvalid = &Code{Family: "customers", Number: 9008, Name: "MergeRequestBaseInvalid", Status: 400,
		Message: "The base type of the request is missing or unknown",
		Help:    "Send MERGE.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestNotFound = &Code{Family: "customers", Number: 9013, Name: "MergeRequestNotFound", Status: 404,
		Message: "The organization has no request {id}",
		Help:    "List Requests answers the ids.",
		Error:   true, Warning: false, Ours: false}
	MergePendingVictim = &Code{Family: "customers", Number: 9018, Name: "MergePendingVictim", Status: 409,
		Message: "Customer {id} waits to be merged already",
		Help:    "Approve or reject the request that waits. Fetch Change Requests answers its id.",
		Error:   true, Warning: false, Ours: false}
	MergeRequestUnnamed = &Code{Family: "customers", Number: 9019, Name: "MergeRequestUnnamed", Status: 400,
		Message: "The id of the customer is missing",
		Help:    "Send the id of the one who is to go as victim and of the one who is to stay as survivor.",
		Error:   true, Warning: false, Ours: false}
	MergeSurvivorMerged = &Code{Family: "customers", Number: 9023, Name: "MergeSurvivorMerged", Status: 409,
		Message: "Customer {id}, who should stay, was merged into {survivor}",
		Help:    "Send the id that the message names.",
		Error:   true, Warning: false, Ours: false}
	MergePendingSurvivor = &Code{Family: "customers", Number: 9026, Name: "MergePendingSurvivor", Status: 409,
		Message: "Customer {id}, who should stay, waits to be merged",
		Help:    "Approve or reject that request first, and ask again with whoever stays.",
		Error:   true, Warning: false, Ours: false}
	MergeVictimMerged = &Code{Family: "customers", Number: 9027, Name: "MergeVictimMerged", Status: 409,
		Message: "Customer {id} was already merged into {survivor}",
		Help:    "Nothing to do, if that is whom you mean. Otherwise undo that merge first.",
		Error:   true, Warning: false, Ours: false}
	MergeAwaitsApproval = &Code{Family: "customers", Number: 9801, Name: "MergeAwaitsApproval", Status: 200,
		Message: "The change needs a merge with customer {id} and waits for approval, as request {request}",
		Help:    "Nothing was changed. The organization approves merges before they happen, by Approve or Reject a Merge.",
		Error:   false, Warning: true, Ours: true}
	SearchTotalCapped = &Code{Family: "customers", Number: 9802, Name: "SearchTotalCapped", Status: 200,
		Message: "More than 10,000 customers match; the total stops there",
		Help:    "Ask for a longer term.",
		Error:   false, Warning: true, Ours: true}
	SandboxFull = &Code{Family: "customers", Number: 9803, Name: "SandboxFull", Status: 403,
		Message: "The sandbox has taken as many changes as it may",
		Help:    "Ask the reference page for a new sandbox.",
		Error:   true, Warning: false, Ours: true}
	MergeNotFound = &Code{Family: "customers", Number: 9810, Name: "MergeNotFound", Status: 404,
		Message: "The organization has no merge {id}",
		Help:    "List Merges answers the ids.",
		Error:   true, Warning: false, Ours: true}
	MergeTooOld = &Code{Family: "customers", Number: 9811, Name: "MergeTooOld", Status: 409,
		Message: "Merge {id} can no longer be undone",
		Help:    "What undoing a merge needs is kept for 30 days.",
		Error:   true, Warning: false, Ours: true}
	MergeUndone = &Code{Family: "customers", Number: 9812, Name: "MergeUndone", Status: 409,
		Message: "Merge {id} was undone before",
		Help:    "Nothing to do.",
		Error:   true, Warning: false, Ours: true}
	MergeUndoOrder = &Code{Family: "customers", Number: 9813, Name: "MergeUndoOrder", Status: 409,
		Message: "Merge {id} can only be undone after merge {later}",
		Help:    "The later merge stands on this one. Undo it first, and merge again afterwards if it was right.",
		Error:   true, Warning: false, Ours: true}
	MergeIdentifierTaken = &Code{Family: "customers", Number: 9814, Name: "MergeIdentifierTaken", Status: 409,
		Message: "Merge {id} cannot be undone: customer {holder} has the {type} by now",
		Help:    "The request that merged had removed this identifier and somebody else has it in the same source. Remove it there first.",
		Error:   true, Warning: false, Ours: true}
	MergeLeavesNothing = &Code{Family: "customers", Number: 9815, Name: "MergeLeavesNothing", Status: 409,
		Message: "Merge {id} cannot be undone: customer {customer} would have no identifier",
		Help:    "Add an identifier to one of the profiles that would go to this customer.",
		Error:   true, Warning: false, Ours: true}
	MergePointsSpent = &Code{Family: "customers", Number: 9816, Name: "MergePointsSpent", Status: 409,
		Message: "Merge {id} cannot be undone: points that it brought are spent or were given back since",
		Help:    "Reverse the redemptions that the customer made since the merge, newest first, then undo it.",
		Error:   true, Warning: false, Ours: true}
	MergeRequestState = &Code{Family: "customers", Number: 9817, Name: "MergeRequestState", Status: 409,
		Message: "Request {id} is {status}, which does not allow this",
		Help:    "What waits can be approved or rejected, and what was rejected can be set to PENDING. What was approved is taken back by Undo a Merge.",
		Error:   true, Warning: false, Ours: true}
	MergeRequestOutdated = &Code{Family: "customers", Number: 9818, Name: "MergeRequestOutdated", Status: 409,
		Message: "Request {id} cannot be done any more: {reason}",
		Help:    "The identifiers have changed since. Reject the request; if the two are one person all the same, ask for the merge by itself.",
		Error:   true, Warning: false, Ours: true}
	IdentifierProtected = &Code{Family: "customers", Number: 91005, Name: "IdentifierProtected", Status: 409,
		Message: "The last identifier or the primary one cannot be removed",
		Help:    "Add another identifier of the type first.",
		Error:   true, Warning: false, Ours: false}
	ExtendedFieldInvalid = &Code{Family: "customers", Number: 91015, Name: "ExtendedFieldInvalid", Status: 200,
		Message: "The extended field {name} is not defined or its value is not valid; it was left out",
		Help:    "Use the fields that the organization has defined, with text of 1 to 2,000 characters that is not \"null\".",
		Error:   false, Warning: true, Ours: false}
	RegistrationTillInvalid = &Code{Family: "customers", Number: 91020, Name: "RegistrationTillInvalid", Status: 400,
		Message: "The till that registered is unknown",
		Help:    "Send the code of a till of the organization or leave createdBy out.",
		Error:   true, Warning: false, Ours: false}
	SubscriptionFailed = &Code{Family: "customers", Number: 91022, Name: "SubscriptionFailed", Status: 400,
		Message: "The subscription was left out: {reason}",
		Help:    "Name a source and account that the customer has a profile in.",
		Error:   true, Warning: true, Ours: false}
	AttributionTypeMissing = &Code{Family: "organization", Number: 1061, Name: "AttributionTypeMissing", Status: 400,
		Message: "A lookup of a till needs the type of the lookup",
		Help:    "Send X-CAP-API-ATTRIBUTION-LOOKUP-TYPE beside X-CAP-API-ATTRIBUTION-LOOKUP, or neither.",
		Error:   true, Warning: false, Ours: false}
	OrgUnknown = &Code{Family: "organization", Number: 1064, Name: "OrgUnknown", Status: 404,
		Message: "There is no organization {id}",
		Help:    "Send the id of your own organization.",
		Error:   true, Warning: false, Ours: false}
	SourceAccountUnknown = &Code{Family: "organization", Number: 9820, Name: "SourceAccountUnknown", Status: 404,
		Message: "There is no such account",
		Help:    "Fetch Source Accounts answers the uuid of each.",
		Error:   true, Warning: false, Ours: true}
	SourceAccountTaken = &Code{Family: "organization", Number: 9821, Name: "SourceAccountTaken", Status: 409,
		Message: "{source} already has an account {account}",
		Help:    "Choose another account id, or switch the account on again with Update Source Account.",
		Error:   true, Warning: false, Ours: true}
	SourceWithoutAccounts = &Code{Family: "organization", Number: 9822, Name: "SourceWithoutAccounts", Status: 400,
		Message: "{source} has one account only",
		Help:    "The operator of the server switches it on with `source enable`.",
		Error:   true, Warning: false, Ours: true}
	TillUnknown = &Code{Family: "organization", Number: 9823, Name: "TillUnknown", Status: 404,
		Message: "The organization has no till {till}",
		Help:    "Send the code or the id of a till of the organization.",
		Error:   true, Warning: false, Ours: true}
	CardNumbersOff = &Code{Family: "organization", Number: 9824, Name: "CardNumbersOff", Status: 409,
		Message: "The organization does not give external ids",
		Help:    "The operator of the server switches it on with the setting card-numbers.",
		Error:   true, Warning: false, Ours: true}
	SourceAccountInUse = &Code{Family: "organization", Number: 9825, Name: "SourceAccountInUse", Status: 409,
		Message: "Customers have profiles in the account; its id cannot change any more",
		Help:    "Add another account.",
		Error:   true, Warning: false, Ours: true}
	CardNumbersUsedUp = &Code{Family: "organization", Number: 9826, Name: "CardNumbersUsedUp", Status: 409,
		Message: "No external id is left that follows the organization's rule",
		Help:    "The operator of the server can set a greater external-id-length or another external-id-prefix.",
		Error:   true, Warning: false, Ours: true}
	AttributionTillInvalid = &Code{Family: "organization", Number: 91021, Name: "AttributionTillInvalid", Status: 400,
		Message: "{type} {value} leads to no till of the organization, or to one that is disabled",
		Help:    "Compare it with what the operator of the server lists with `till lookup list`, `till list` and `store list`.",
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
		Help:    "Send another number. The organization sets where and for how long a number is used once.",
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
		Help:    "Returns are taken. Whoever may change the customer's status lifts the mark.",
		Error:   true, Warning: false, Ours: false}
	TransactionNotFound = &Code{Family: "transactions", Number: 620, Name: "TransactionNotFound", Status: 404,
		Message: "There is no transaction {id} of this type",
		Help:    "Check the id, and leave type out to look among all types.",
		Error:   true, Warning: false, Ours: false}
	BillDateInvalid = &Code{Family: "transactions", Number: 621, Name: "BillDateInvalid", Status: 400,
		Message: "The date cannot be read",
		Help:    "Send a date-time such as 2026-02-03T18:20:00+05:30.",
		Error:   true, Warning: false, Ours: false}
	ReturnBeforePurchase = &Code{Family: "transactions", Number: 624, Name: "ReturnBeforePurchase", Status: 400,
		Message: "The return is before its purchase, or the time of the purchase is not the bill's",
		Help:    "Send the billing time of the bill as purchaseTime, or leave it out.",
		Error:   true, Warning: false, Ours: false}
	BillNotFound = &Code{Family: "transactions", Number: 625, Name: "BillNotFound", Status: 404,
		Message: "The customer has no bill {number} to return",
		Help:    "As an error: check number and customer. As a warning: the return was stored, and takes nothing of any bill.",
		Error:   true, Warning: true, Ours: false}
	ReturnQuantityAboveBought = &Code{Family: "transactions", Number: 626, Name: "ReturnQuantityAboveBought", Status: 409,
		Message: "More is returned than was bought",
		Help:    "Return at most the quantity of the bill.",
		Error:   true, Warning: false, Ours: false}
	QuantityNegative = &Code{Family: "transactions", Number: 627, Name: "QuantityNegative", Status: 400,
		Message: "The quantity is negative",
		Help:    "Send 0 or more. That something is returned, type says.",
		Error:   true, Warning: false, Ours: false}
	ReturnTypeInvalid = &Code{Family: "transactions", Number: 628, Name: "ReturnTypeInvalid", Status: 400,
		Message: "The type of the return is missing or unknown",
		Help:    "Send FULL, AMOUNT, LINE_ITEM or, for a RETURN, CANCELLED as returnType.",
		Error:   true, Warning: false, Ours: false}
	ReturnQuantityAboveLeft = &Code{Family: "transactions", Number: 629, Name: "ReturnQuantityAboveLeft", Status: 409,
		Message: "More is returned than is left of the purchase",
		Help:    "Some of the item was returned before. Return at most the rest.",
		Error:   true, Warning: false, Ours: false}
	ReturnAmountTooHigh = &Code{Family: "transactions", Number: 630, Name: "ReturnAmountTooHigh", Status: 409,
		Message: "The amount of the return is above what is left of the bill or its lines",
		Help:    "Return at most what was paid and not given back yet.",
		Error:   true, Warning: false, Ours: false}
	BillAmountNegative = &Code{Family: "transactions", Number: 631, Name: "BillAmountNegative", Status: 400,
		Message: "The amount of the bill is negative",
		Help:    "Send 0 or more. That something is returned, type says.",
		Error:   true, Warning: false, Ours: false}
	ReturnLinesAfterAmount = &Code{Family: "transactions", Number: 632, Name: "ReturnLinesAfterAmount", Status: 409,
		Message: "Of this bill an amount was returned; lines cannot be",
		Help:    "One bill is returned by amount or by lines. Return an amount.",
		Error:   true, Warning: false, Ours: false}
	BillAlreadyReturned = &Code{Family: "transactions", Number: 633, Name: "BillAlreadyReturned", Status: 409,
		Message: "All of the bill was returned already",
		Help:    "Nothing to do.",
		Error:   true, Warning: false, Ours: false}
	ReturnAmountAfterLines = &Code{Family: "transactions", Number: 635, Name: "ReturnAmountAfterLines", Status: 409,
		Message: "Of this bill lines were returned; an amount cannot be",
		Help:    "One bill is returned by amount or by lines. Return lines.",
		Error:   true, Warning: false, Ours: false}
	PointsSpent = &Code{Family: "transactions", Number: 637, Name: "PointsSpent", Status: 409,
		Message: "The points to take back, {points}, are spent already",
		Help:    "The customer has fewer points left than the returned part of the sale earned. Reverse a redemption first.",
		Error:   true, Warning: false, Ours: false}
	ReturnFullAfterPart = &Code{Family: "transactions", Number: 639, Name: "ReturnFullAfterPart", Status: 409,
		Message: "A part of the bill was returned already; all of it cannot be",
		Help:    "Return the rest as the first part was, by amount or by lines.",
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
		Help:    "The organization takes no older bills.",
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
		Message: "Neither the id nor the number of the bill is said",
		Help:    "Send id or number.",
		Error:   true, Warning: false, Ours: false}
	BillTillInvalid = &Code{Family: "transactions", Number: 671, Name: "BillTillInvalid", Status: 400,
		Message: "The till or store that the bill is attributed to is unknown",
		Help:    "Send the code of a till or store of the organization, or leave attribution out.",
		Error:   true, Warning: false, Ours: false}
	TooManyBills = &Code{Family: "transactions", Number: 672, Name: "TooManyBills", Status: 400,
		Message: "A request may hold at most {max} bills",
		Help:    "Send them in several requests.",
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
		Help:    "Send billNumber or id; for a line that is returned with another bill, parentBillNumber.",
		Error:   true, Warning: false, Ours: false}
	ReturnLineAmountTooHigh = &Code{Family: "transactions", Number: 678, Name: "ReturnLineAmountTooHigh", Status: 409,
		Message: "The amount of the returned line is above what is left of the purchased one",
		Help:    "Send at most what the returned quantity cost, or leave amount out.",
		Error:   true, Warning: false, Ours: false}
	ReturnLinesMissing = &Code{Family: "transactions", Number: 679, Name: "ReturnLinesMissing", Status: 400,
		Message: "A return of lines needs lines",
		Help:    "Send lineItemsV2.",
		Error:   true, Warning: false, Ours: false}
	CurrencyConversionOff = &Code{Family: "transactions", Number: 682, Name: "CurrencyConversionOff", Status: 400,
		Message: "Bills are in {currency}; other currencies are not converted",
		Help:    "Send amounts in the organization's currency.",
		Error:   true, Warning: false, Ours: false}
	BillFieldTooLong = &Code{Family: "transactions", Number: 685, Name: "BillFieldTooLong", Status: 400,
		Message: "The text is too long",
		Help:    "It can have at most {max} characters.",
		Error:   true, Warning: false, Ours: false}
	PointsQueued = &Code{Family: "transactions", Number: 687, Name: "PointsQueued", Status: 200,
		Message: "The points of the bill are given later",
		Help:    "Nothing to do. They are given within seconds, also after a restart of the server.",
		Error:   false, Warning: true, Ours: false}
	ReturnLineUnmatched = &Code{Family: "transactions", Number: 688, Name: "ReturnLineUnmatched", Status: 404,
		Message: "The bill has no such line to return",
		Help:    "As an error: check itemCode and serial. As a warning: the line was stored, and takes nothing of the bill.",
		Error:   true, Warning: true, Ours: false}
	ReturnableDaysInvalid = &Code{Family: "transactions", Number: 1105, Name: "ReturnableDaysInvalid", Status: 200,
		Message: "returnableDays must be -1 or more; it was left out",
		Help:    "Send the number of days, or -1 for no bound.",
		Error:   false, Warning: true, Ours: false}
	BillDatesReversed = &Code{Family: "transactions", Number: 1214, Name: "BillDatesReversed", Status: 400,
		Message: "startDate is after endDate",
		Help:    "Exchange them.",
		Error:   true, Warning: false, Ours: false}
	BillQueryDateInvalid = &Code{Family: "transactions", Number: 1216, Name: "BillQueryDateInvalid", Status: 400,
		Message: "The date cannot be read",
		Help:    "Send a date such as 2026-02-03, or a date-time such as 2026-02-03T18:20:00+05:30.",
		Error:   true, Warning: false, Ours: false}
	LineTypeInvalid = &Code{Family: "transactions", Number: 1623, Name: "LineTypeInvalid", Status: 400,
		Message: "The type of the line is unknown or does not go with its bill",
		Help:    "A REGULAR bill has REGULAR and RETURN lines, others have lines of their own type.",
		Error:   true, Warning: false, Ours: false}
	LineReturnTypeInvalid = &Code{Family: "transactions", Number: 1634, Name: "LineReturnTypeInvalid", Status: 400,
		Message: "The return type of the line is unknown, or not that of the other lines of its bill",
		Help:    "Send LINE_ITEM, AMOUNT or FULL, one for all lines of one bill.",
		Error:   true, Warning: false, Ours: false}
	BillStatusInvalid = &Code{Family: "transactions", Number: 1636, Name: "BillStatusInvalid", Status: 400,
		Message: "The status is unknown",
		Help:    "Send one of the statuses listed.",
		Error:   true, Warning: false, Ours: false}
	NoBaseCurrency = &Code{Family: "transactions", Number: 9605, Name: "NoBaseCurrency", Status: 200,
		Message: "The organization has set no currency; the amounts were taken as they are",
		Help:    "The operator sets it with the setting currency.",
		Error:   false, Warning: true, Ours: false}
	NoBillCurrency = &Code{Family: "transactions", Number: 9606, Name: "NoBillCurrency", Status: 200,
		Message: "The currency of the bill is not said; the organization's was taken",
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
		Help:    "Nothing to do, unless the bill is a normal one: then send outlierStatus NORMAL.",
		Error:   false, Warning: true, Ours: false}
	SeveralBills = &Code{Family: "transactions", Number: 9614, Name: "SeveralBills", Status: 200,
		Message: "Several bills have the number {number}; the last one before the return was taken",
		Help:    "Send purchaseTime or id to say which one is meant.",
		Error:   false, Warning: true, Ours: false}
	SavedAsNotInterested = &Code{Family: "transactions", Number: 9830, Name: "SavedAsNotInterested", Status: 200,
		Message: "No customer has the identifier; the bill was saved as NOT_INTERESTED",
		Help:    "Register the customer. The organization keeps such bills, which earn nothing.",
		Error:   false, Warning: true, Ours: true}
	LineUnknown = &Code{Family: "transactions", Number: 9831, Name: "LineUnknown", Status: 404,
		Message: "The bill has no such line",
		Help:    "Send the id of one of its lines, or the itemCode for all lines of an item.",
		Error:   true, Warning: false, Ours: true}
	BillExtendedFieldInvalid = &Code{Family: "transactions", Number: 91016, Name: "BillExtendedFieldInvalid", Status: 200,
		Message: "The extended field {name} is not defined or its value is not valid; it was left out",
		Help:    "Use the fields that the organization has defined for bills, with text of 1 to 2,000 characters.",
		Error:   false, Warning: true, Ours: false}
	TransferToFraud = &Code{Family: "points", Number: 414, Name: "TransferToFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can get no points",
		Help:    "Whoever may change the customer's status lifts the mark.",
		Error:   true, Warning: true, Ours: false}
	TransferFromFraud = &Code{Family: "points", Number: 415, Name: "TransferFromFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can give no points",
		Help:    "Whoever may change the customer's status lifts the mark.",
		Error:   true, Warning: true, Ours: false}
	TransferToSelf = &Code{Family: "points", Number: 418, Name: "TransferToSelf", Status: 400,
		Message: "Giver and taker are the same customer",
		Help:    "Name two different customers.",
		Error:   true, Warning: true, Ours: false}
	TransferMerged = &Code{Family: "points", Number: 419, Name: "TransferMerged", Status: 409,
		Message: "Customer {id} was merged into {survivor}",
		Help:    "Use the id of the message.",
		Error:   true, Warning: false, Ours: false}
	PointsInvalid = &Code{Family: "points", Number: 801, Name: "PointsInvalid", Status: 400,
		Message: "The points must be a number above 0 and at most 1,000,000,000",
		Help:    "Send points as a number such as 120.",
		Error:   true, Warning: true, Ours: false}
	PointsIdentifierInvalid = &Code{Family: "points", Number: 802, Name: "PointsIdentifierInvalid", Status: 400,
		Message: "The identifier is missing or of an unknown type",
		Help:    "Send an identifier with one of the types listed, or id, and its value.",
		Error:   true, Warning: false, Ours: false}
	PointsInsufficient = &Code{Family: "points", Number: 803, Name: "PointsInsufficient", Status: 409,
		Message: "The customer has {available} points",
		Help:    "Ask for at most as many.",
		Error:   true, Warning: true, Ours: false}
	RedeemBalanceLow = &Code{Family: "points", Number: 804, Name: "RedeemBalanceLow", Status: 409,
		Message: "A customer must have {min} points to redeem any",
		Help:    "The organization has set this bound.",
		Error:   true, Warning: true, Ours: false}
	RedeemLifetimeLow = &Code{Family: "points", Number: 805, Name: "RedeemLifetimeLow", Status: 409,
		Message: "A customer must have earned {min} points to redeem any",
		Help:    "The organization has set this bound.",
		Error:   true, Warning: true, Ours: false}
	RedeemPurchasesLow = &Code{Family: "points", Number: 806, Name: "RedeemPurchasesLow", Status: 409,
		Message: "A customer must have bought for {min} to redeem any points",
		Help:    "The organization has set this bound.",
		Error:   true, Warning: true, Ours: false}
	RedeemNoMultiple = &Code{Family: "points", Number: 807, Name: "RedeemNoMultiple", Status: 409,
		Message: "Points are redeemed in multiples of {multiple}",
		Help:    "Round the number of points.",
		Error:   true, Warning: true, Ours: false}
	ConfirmationInvalid = &Code{Family: "points", Number: 808, Name: "ConfirmationInvalid", Status: 403,
		Message: "The customer has to confirm it: the code {reason}",
		Help:    "Ask for a code with issueOtp, for the same customer and points, and send what the customer was sent. A code lives 5 minutes and 5 tries, and counts once.",
		Error:   true, Warning: false, Ours: false}
	RedeemFraud = &Code{Family: "points", Number: 809, Name: "RedeemFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can redeem no points",
		Help:    "Redemptions can be reversed. Whoever may change the customer's status lifts the mark.",
		Error:   true, Warning: true, Ours: false}
	PointsCustomerNotFound = &Code{Family: "points", Number: 816, Name: "PointsCustomerNotFound", Status: 404,
		Message: "No customer of the organization has {type} {value}",
		Help:    "Check the identifier and its type.",
		Error:   true, Warning: false, Ours: false}
	RedeemTooMany = &Code{Family: "points", Number: 819, Name: "RedeemTooMany", Status: 409,
		Message: "At most {max} points can be redeemed at a time",
		Help:    "Redeem fewer.",
		Error:   true, Warning: true, Ours: false}
	RedeemTooFew = &Code{Family: "points", Number: 821, Name: "RedeemTooFew", Status: 409,
		Message: "At least {min} points are redeemed at a time",
		Help:    "Redeem more.",
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
		Help:    "Update Customer Details lets a customer join it.",
		Error:   true, Warning: true, Ours: false}
	ReversePointsInvalid = &Code{Family: "points", Number: 901, Name: "ReversePointsInvalid", Status: 400,
		Message: "The points to reverse must be above 0 and at most {max}",
		Help:    "Leave pointsToBeReversed out to reverse all that is left.",
		Error:   true, Warning: false, Ours: false}
	RedemptionNotFound = &Code{Family: "points", Number: 902, Name: "RedemptionNotFound", Status: 404,
		Message: "The organization has no redemption {id}",
		Help:    "Send the redemptionId that Redeem Points answered.",
		Error:   true, Warning: false, Ours: false}
	RedemptionOfOther = &Code{Family: "points", Number: 904, Name: "RedemptionOfOther", Status: 409,
		Message: "The redemption is another customer's",
		Help:    "Send an identifier of the customer who redeemed.",
		Error:   true, Warning: false, Ours: false}
	ProgramUnknown = &Code{Family: "points", Number: 1213, Name: "ProgramUnknown", Status: 400,
		Message: "The organization has no program {id}",
		Help:    "Leave programId out, or send 1.",
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
		Help:    "Send dates within the bounds that the parameter names.",
		Error:   true, Warning: false, Ours: false}
	RedemptionReversed = &Code{Family: "points", Number: 3802, Name: "RedemptionReversed", Status: 409,
		Message: "Redemption {id} is reversed already",
		Help:    "Nothing to do. All of its points were given back.",
		Error:   true, Warning: false, Ours: false}
	NotEnrolled = &Code{Family: "points", Number: 8089, Name: "NotEnrolled", Status: 404,
		Message: "Customer {id} is not in the loyalty program",
		Help:    "Update Customer Details lets a customer join it. An organization without a program has nobody in it.",
		Error:   true, Warning: false, Ours: false}
	ProgramMissing = &Code{Family: "points", Number: 9840, Name: "ProgramMissing", Status: 409,
		Message: "The organization has no points program",
		Help:    "The operator gives it one with `arteriole program set`.",
		Error:   true, Warning: true, Ours: true}
	ReferenceUsed = &Code{Family: "points", Number: 9841, Name: "ReferenceUsed", Status: 409,
		Message: "The external reference number was used for another redemption, {id}",
		Help:    "Send the same customer and points to get the first answer again, or a new number.",
		Error:   true, Warning: false, Ours: true}
	RedeemCustomerDay = &Code{Family: "points", Number: 9842, Name: "RedeemCustomerDay", Status: 409,
		Message: "A customer may redeem {max} points in a day; {left} are left for today",
		Help:    "The organization has set this bound.",
		Error:   true, Warning: true, Ours: true}
	RedeemTillDay = &Code{Family: "points", Number: 9843, Name: "RedeemTillDay", Status: 409,
		Message: "At one till {max} points may be redeemed in a day; {left} are left for today",
		Help:    "The organization has set this bound.",
		Error:   true, Warning: true, Ours: true}
	AdjustReasonMissing = &Code{Family: "points", Number: 9844, Name: "AdjustReasonMissing", Status: 400,
		Message: "An adjustment needs a reason",
		Help:    "Send reason with 1 to 255 characters. It is kept with the adjustment, and so is who made it.",
		Error:   true, Warning: false, Ours: true}
	CouponRedemptionUnknown = &Code{Family: "coupons", Number: 510, Name: "CouponRedemptionUnknown", Status: 404,
		Message: "The redemption {id} is unknown, another customer's or taken back already",
		Help:    "Send ids of redemptions that stand. Redeem Coupons answers them.",
		Error:   true, Warning: false, Ours: false}
	CouponsTooMany = &Code{Family: "coupons", Number: 629, Name: "CouponsTooMany", Status: 400,
		Message: "At most {max} coupons can be redeemed at a time",
		Help:    "Send fewer coupons in one request.",
		Error:   true, Warning: false, Ours: false}
	CouponRedemptionMissing = &Code{Family: "coupons", Number: 661, Name: "CouponRedemptionMissing", Status: 400,
		Message: "An id of a redemption is needed",
		Help:    "Send 1 to 100 ids that Redeem Coupons answered.",
		Error:   true, Warning: false, Ours: false}
	CouponCustomerNotFound = &Code{Family: "coupons", Number: 701, Name: "CouponCustomerNotFound", Status: 404,
		Message: "There is no such customer",
		Help:    "Check the value. A mobile number may need its country code.",
		Error:   true, Warning: false, Ours: false}
	CouponUnknown = &Code{Family: "coupons", Number: 702, Name: "CouponUnknown", Status: 404,
		Message: "There is no coupon {code}",
		Help:    "Check the code. Case and blanks around it do not count.",
		Error:   true, Warning: true, Ours: false}
	CouponOfAnother = &Code{Family: "coupons", Number: 703, Name: "CouponOfAnother", Status: 409,
		Message: "The coupon {code} was issued to another customer",
		Help:    "Only a coupon of a series with anyUser can be redeemed by others.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesUnknown = &Code{Family: "coupons", Number: 707, Name: "CouponSeriesUnknown", Status: 404,
		Message: "There is no coupon series {series}",
		Help:    "Send the id of a series of the organization.",
		Error:   true, Warning: false, Ours: false}
	CouponUsed = &Code{Family: "coupons", Number: 711, Name: "CouponUsed", Status: 409,
		Message: "The coupon {code} is used up",
		Help:    "It was redeemed as often as it can be.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesExpired = &Code{Family: "coupons", Number: 712, Name: "CouponSeriesExpired", Status: 409,
		Message: "The coupon series {series} has ended",
		Help:    "Nothing of it is issued or redeemed any more. Its validTillDate says when it ended.",
		Error:   true, Warning: true, Ours: false}
	CouponExpired = &Code{Family: "coupons", Number: 713, Name: "CouponExpired", Status: 409,
		Message: "The coupon {code} has expired",
		Help:    "Its validTill says until when it could be redeemed.",
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
		Help:    "Send one of id, mobile, email and externalId. The id is always clear.",
		Error:   true, Warning: false, Ours: false}
	CouponNotIssued = &Code{Family: "coupons", Number: 722, Name: "CouponNotIssued", Status: 409,
		Message: "No coupon of series {series} can be issued: {reason}",
		Help:    "The limits of the series say how many coupons there can be and how often a customer gets one.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesUsed = &Code{Family: "coupons", Number: 728, Name: "CouponSeriesUsed", Status: 409,
		Message: "The coupon series {series} was redeemed as often as it can be",
		Help:    "The maxRedeem of the series says how often.",
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
		Help:    "The storeIdsJson of the series names the stores.",
		Error:   true, Warning: true, Ours: false}
	CouponUserLimit = &Code{Family: "coupons", Number: 736, Name: "CouponUserLimit", Status: 409,
		Message: "The customer has redeemed as many coupons of series {series} as one may",
		Help:    "See maxRedemptionsInSeriesPerUser of the series.",
		Error:   true, Warning: true, Ours: false}
	CouponTooSoon = &Code{Family: "coupons", Number: 738, Name: "CouponTooSoon", Status: 409,
		Message: "The customer has redeemed a coupon of series {series} too short a time ago",
		Help:    "The minDaysBetweenRedemption of the series says how many days must lie between.",
		Error:   true, Warning: true, Ours: false}
	CouponRedemptionDateInvalid = &Code{Family: "coupons", Number: 739, Name: "CouponRedemptionDateInvalid", Status: 400,
		Message: "The time of the redemption cannot be read or is out of bounds",
		Help:    "Send a date or a date-time that is not in the future and not before the day when the coupon was issued.",
		Error:   true, Warning: false, Ours: false}
	CouponFraud = &Code{Family: "coupons", Number: 740, Name: "CouponFraud", Status: 403,
		Message: "Customer {id} is marked as fraud and can neither get nor redeem coupons",
		Help:    "Whoever may change the customer's status lifts the mark.",
		Error:   true, Warning: true, Ours: false}
	CouponSeriesMissing = &Code{Family: "coupons", Number: 746, Name: "CouponSeriesMissing", Status: 400,
		Message: "The id of a coupon series is needed",
		Help:    "Send seriesId.",
		Error:   true, Warning: false, Ours: false}
	CouponNotAgain = &Code{Family: "coupons", Number: 747, Name: "CouponNotAgain", Status: 409,
		Message: "The customer has redeemed the coupon {code} already",
		Help:    "See sameUserMultipleRedeem of the series. On one bill a coupon counts once.",
		Error:   true, Warning: true, Ours: false}
	CouponPartnerFailed = &Code{Family: "coupons", Number: 749, Name: "CouponPartnerFailed", Status: 409,
		Message: "The coupon {code} was not redeemed because another one of the request failed",
		Help:    "Leave the coupon out that has an error of its own.",
		Error:   true, Warning: false, Ours: false}
	CouponSeriesCodeExists = &Code{Family: "coupons", Number: 751, Name: "CouponSeriesCodeExists", Status: 409,
		Message: "There is a coupon series with the code {code}",
		Help:    "Choose another seriesCode. Case does not count.",
		Error:   true, Warning: false, Ours: false}
	CouponSeriesCodeEmpty = &Code{Family: "coupons", Number: 753, Name: "CouponSeriesCodeEmpty", Status: 400,
		Message: "The code of the coupon series is empty",
		Help:    "Leave seriesCode out for a series without one.",
		Error:   true, Warning: false, Ours: false}
	CouponExclusiveInvalid = &Code{Family: "coupons", Number: 756, Name: "CouponExclusiveInvalid", Status: 400,
		Message: "The exclusive series are not valid",
		Help:    "Send a JSON list of at most 100 ids of other series, inside a string: \"[1,2]\".",
		Error:   true, Warning: false, Ours: false}
	CouponIssueSourceInvalid = &Code{Family: "coupons", Number: 777, Name: "CouponIssueSourceInvalid", Status: 400,
		Message: "The source is unknown or not enabled",
		Help:    "Send a source that the organization has enabled.",
		Error:   true, Warning: false, Ours: false}
	CouponNotNamed = &Code{Family: "coupons", Number: 781, Name: "CouponNotNamed", Status: 400,
		Message: "A coupon needs its code or its id",
		Help:    "Send the one or the other.",
		Error:   true, Warning: false, Ours: false}
	CouponFilterMissing = &Code{Family: "coupons", Number: 1000, Name: "CouponFilterMissing", Status: 400,
		Message: "A filter is needed",
		Help:    "Say which ones are meant.",
		Error:   true, Warning: false, Ours: false}
	CouponLimitBelowUse = &Code{Family: "coupons", Number: 9850, Name: "CouponLimitBelowUse", Status: 409,
		Message: "The limit is below what there is: {issued} coupons issued, {redeemed} redemptions",
		Help:    "Send a limit that is not below these.",
		Error:   true, Warning: false, Ours: true}
	IngestionProfileUnknown = &Code{Family: "ingestion", Number: 9701, Name: "IngestionProfileUnknown", Status: 400,
		Message: "The profile is missing or unknown",
		Help:    "Send one of the profiles listed with Create an Ingestion Job.",
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
		Help:    "Split the file. The organization's settings bound its size and its rows.",
		Error:   true, Warning: false, Ours: true}
	IngestionJobNotFound = &Code{Family: "ingestion", Number: 9705, Name: "IngestionJobNotFound", Status: 404,
		Message: "There is no job {id}",
		Help:    "List Ingestion Jobs shows those there are. Jobs are kept for as many days as the organization has set.",
		Error:   true, Warning: false, Ours: true}
	IngestionStateForbids = &Code{Family: "ingestion", Number: 9706, Name: "IngestionStateForbids", Status: 409,
		Message: "Job {id} is {status}, which does not allow this",
		Help:    "A file is taken once; what has ended cannot be cancelled; only a job with failed rows that has ended can be retried.",
		Error:   true, Warning: false, Ours: true}
	IngestionRowUnreadable = &Code{Family: "ingestion", Number: 9707, Name: "IngestionRowUnreadable", Status: 400,
		Message: "The row cannot be read: {reason}",
		Help:    "In NDJSON a row is one JSON object on one line. In CSV it is one record, by RFC 4180.",
		Error:   true, Warning: false, Ours: true}
	IngestionColumnsInvalid = &Code{Family: "ingestion", Number: 9708, Name: "IngestionColumnsInvalid", Status: 400,
		Message: "The columns do not fit: {reason}",
		Help:    "Name each column once, by a path such as profiles[0].firstName.",
		Error:   true, Warning: false, Ours: true}
	IngestionReferenceTaken = &Code{Family: "ingestion", Number: 9709, Name: "IngestionReferenceTaken", Status: 409,
		Message: "Job {id} has this external reference and other parameters or another file",
		Help:    "Send the parameters and the file that made the job, or another reference.",
		Error:   true, Warning: false, Ours: true}
	IngestionFilesFull = &Code{Family: "ingestion", Number: 9725, Name: "IngestionFilesFull", Status: 409,
		Message: "The organization has {most} files that wait or are at work, and may have no more",
		Help:    "Start or cancel jobs that wait, or send it again when one has ended.",
		Error:   true, Warning: false, Ours: true}
	EventAttributeInvalid = &Code{Family: "events", Number: 1802, Name: "EventAttributeInvalid", Status: 400,
		Message: "The attribute is not valid: {reason}",
		Help:    "An attribute has a value as text: true or false, the name of a source or of a type of identifiers, or an expression of RE2.",
		Error:   true, Warning: false, Ours: false}
	EventExists = &Code{Family: "events", Number: 1806, Name: "EventExists", Status: 409,
		Message: "There is an event {name}",
		Help:    "Choose another name. Case does not count; the names of disabled events stay taken.",
		Error:   true, Warning: false, Ours: false}
	EventActionInvalid = &Code{Family: "events", Number: 1810, Name: "EventActionInvalid", Status: 400,
		Message: "The actions are missing or unknown",
		Help:    "Send a list with EMFConsumer, EIConsumer or both.",
		Error:   true, Warning: false, Ours: false}
	EventNameInvalid = &Code{Family: "events", Number: 1811, Name: "EventNameInvalid", Status: 400,
		Message: "The name is missing or not valid",
		Help:    "A name has 1 to 100 characters and no blank. A field has a name of its own, other than event_name.",
		Error:   true, Warning: false, Ours: false}
	EventFieldTypeInvalid = &Code{Family: "events", Number: 1823, Name: "EventFieldTypeInvalid", Status: 400,
		Message: "The type of the field is missing, unknown, or the second customer",
		Help:    "Send one of the types listed with Create Event Definition; customer once at most.",
		Error:   true, Warning: false, Ours: false}
	EventUnknown = &Code{Family: "events", Number: 9710, Name: "EventUnknown", Status: 404,
		Message: "There is no event {name}",
		Help:    "List Event Definitions shows those there are.",
		Error:   true, Warning: false, Ours: true}
	EventDisabled = &Code{Family: "events", Number: 9711, Name: "EventDisabled", Status: 409,
		Message: "The event {name} was disabled",
		Help:    "Only a standard event can be enabled again. Define an event with another name.",
		Error:   true, Warning: false, Ours: true}
	EventPublished = &Code{Family: "events", Number: 9712, Name: "EventPublished", Status: 409,
		Message: "The event {name} is published: {reason}",
		Help:    "Send every field as it is. New ones can come that are not required and not part of the unique key.",
		Error:   true, Warning: false, Ours: true}
	EventFieldMissing = &Code{Family: "events", Number: 9713, Name: "EventFieldMissing", Status: 400,
		Message: "The field {field} is needed",
		Help:    "Send a value for it.",
		Error:   true, Warning: false, Ours: true}
	EventFieldInvalid = &Code{Family: "events", Number: 9714, Name: "EventFieldInvalid", Status: 400,
		Message: "The field {field} is not valid: {reason}",
		Help:    "List Event Definitions shows what the values of a field are.",
		Error:   true, Warning: false, Ours: true}
	EventDuplicate = &Code{Family: "events", Number: 9715, Name: "EventDuplicate", Status: 200,
		Message: "It repeats the event {id} and has no effect",
		Help:    "Nothing to do, unless it is another event: then send another eventId, or other values of the unique key.",
		Error:   false, Warning: true, Ours: true}
	EventNotFound = &Code{Family: "events", Number: 9716, Name: "EventNotFound", Status: 404,
		Message: "There is no event with the id {id}",
		Help:    "The id is the one that was answered when the event came. Events are kept for as many days as the organization has set.",
		Error:   true, Warning: false, Ours: true}
	EventTransformerInvalid = &Code{Family: "events", Number: 9717, Name: "EventTransformerInvalid", Status: 400,
		Message: "The transformer cannot be used: {reason}",
		Help:    "Send defaultTransformer, or a transformer that Map Events has given a mapping, and the events that its mapping takes.",
		Error:   true, Warning: false, Ours: true}
	EventWebhookExists = &Code{Family: "events", Number: 9718, Name: "EventWebhookExists", Status: 409,
		Message: "There is a webhook of {transformer}, whose address was shown when it was made",
		Help:    "Disable it first when its address is lost.",
		Error:   true, Warning: false, Ours: true}
	EventWebhookNotFound = &Code{Family: "events", Number: 9719, Name: "EventWebhookNotFound", Status: 404,
		Message: "There is no such webhook in use",
		Help:    "List Event Webhooks shows those there are. The address of one that was disabled stays useless.",
		Error:   true, Warning: false, Ours: true}
	EventFieldUnknown = &Code{Family: "events", Number: 9720, Name: "EventFieldUnknown", Status: 200,
		Message: "The event has no field {field}; it was left out",
		Help:    "Compare the name with the definition. Case counts.",
		Error:   false, Warning: true, Ours: true}
	EventsTooMany = &Code{Family: "events", Number: 9721, Name: "EventsTooMany", Status: 400,
		Message: "At most {max} events can be sent at a time",
		Help:    "Send the rest in another request, or as the file of an ingestion job.",
		Error:   true, Warning: false, Ours: true}
	EventDefinitionsFull = &Code{Family: "events", Number: 9722, Name: "EventDefinitionsFull", Status: 409,
		Message: "There are {max} event definitions in use already",
		Help:    "Disable one that is not needed.",
		Error:   true, Warning: false, Ours: true}
	EventTillUnknown = &Code{Family: "events", Number: 9723, Name: "EventTillUnknown", Status: 400,
		Message: "The till is missing or unknown",
		Help:    "Send the code of a till of the organization that is not disabled.",
		Error:   true, Warning: false, Ours: true}
	WebhookUrlInvalid = &Code{Family: "events", Number: 9860, Name: "WebhookUrlInvalid", Status: 400,
		Message: "The address cannot be used: {reason}",
		Help:    "Send an address of https with the name of a host that the public internet reaches, at most 2,000 characters long, without a user name.",
		Error:   true, Warning: false, Ours: true}
	WebhookNotFound = &Code{Family: "events", Number: 9861, Name: "WebhookNotFound", Status: 404,
		Message: "There is no webhook {id} in use",
		Help:    "List Webhooks shows those there are.",
		Error:   true, Warning: false, Ours: true}
	WebhookEventUnknown = &Code{Family: "events", Number: 9862, Name: "WebhookEventUnknown", Status: 400,
		Message: "There is no such event",
		Help:    "Send events from the table of Create Webhook, each once.",
		Error:   true, Warning: false, Ours: true}
	WebhookDeliveryNotFound = &Code{Family: "events", Number: 9863, Name: "WebhookDeliveryNotFound", Status: 404,
		Message: "The webhook has no delivery of event {id}",
		Help:    "List Deliveries of a Webhook shows those that are kept, which is a week.",
		Error:   true, Warning: false, Ours: true}
	WebhooksTooMany = &Code{Family: "events", Number: 9864, Name: "WebhooksTooMany", Status: 409,
		Message: "The organization has {most} webhooks already",
		Help:    "Disable one that is no longer needed.",
		Error:   true, Warning: false, Ours: true}
	KittenHidden = &Code{Family: "kittens", Number: 403, Name: "KittenHidden", Status: 403,
		Message: "The kitten is hidden from all but administrators",
		Help:    "Ask for another kitten.",
		Error:   true, Warning: false, Ours: false}
	KittenNotFound = &Code{Family: "kittens", Number: 404, Name: "KittenNotFound", Status: 404,
		Message: "There is no kitten {id}",
		Help:    "Take an id from Get All Kittens.",
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
