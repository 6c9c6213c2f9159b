package db

// A part is what one resource keeps of customers, and what becomes of it when two customers are merged, when that is undone,
// when a person is erased, and when their data are exported. Each function runs in the transaction of the whole; nil is nothing
// to do. Whoever adds a table that holds something of customers adds a part, or to one.
type part struct {
	name string // of what it keeps in merges.undo, and of what it exports

	// merge gives to the survivor what was the victim's, and returns what undoing that needs, nil for nothing: it is kept as
	// JSON. What is found through the survivor whenever it is read, as bills and ledgers are, needs no merge.
	merge func(tx *Tx, m *merging) (keep any, err error)

	// undo gives it back to the victim. kept is what merge has kept, nil for nothing. What came to the survivor since stays
	// there. When it cannot be given back whole, the fault says why, and nothing is undone.
	undo func(tx *Tx, m *merging, kept []byte) error

	// erase takes away all that says who a person is or how to reach them. What the shop must keep, such as bills, stays under
	// the bare id.
	erase func(tx *Tx, e *erasing) error

	// export gives all that is kept of a person, to be written as JSON; nil or an empty list for nothing.
	export func(tx *Tx, e *exporting) (any, error)
}

// parts in the order of a merge and of an export; undoing and erasing go backwards, so that what refers to profiles goes
// before them.
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
