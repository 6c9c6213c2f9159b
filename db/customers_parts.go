package db

// A part is the data that one resource keeps about customers, with what happens to it when two customers are merged, when that is
// undone, when a person is erased, and when their data is exported. Each function runs in the transaction of the whole operation;
// nil means nothing to do. Every table with data of customers belongs to a part.
type part struct {
	name string // key of its data in merges.undo and in exports

	// merge moves the victim's data to the survivor, and returns what undoing that needs, to be kept as JSON; nil for nothing.
	// Data that is looked up through the survivor whenever it is read, such as bills and ledgers, needs no merge.
	merge func(tx *Tx, m *merging) (keep any, err error)

	// undo moves the data back to the victim. kept is what merge returned, nil for nothing. What the survivor got since stays
	// there. If the data cannot be given back completely, the fault says why, and nothing is undone.
	undo func(tx *Tx, m *merging, kept []byte) error

	// erase removes everything that identifies a person or tells how to reach them. What the shop must keep, such as bills, stays
	// under the bare id.
	erase func(tx *Tx, e *erasing) error

	// export returns all data about a person, to be written as JSON; nil or an empty list for nothing.
	export func(tx *Tx, e *exporting) (any, error)
}

// parts in the order of merging and exporting. Undoing and erasing go backwards, so that what refers to profiles goes before them.
var parts = []part{
	profilesPart,
	customerPart,
	identifierLogPart,
	mergesPart,
	mergeRequestsPart,
	pointsPart,
	confirmationsPart,
	subscriptionsPart,
	statusPart,
	transactionsPart,
	couponsPart,
	eventsPart,
	ingestionPart,
	auditPart,
	answersPart,
}
