package db

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// Confirmation codes (our rule 46): an org may want a customer to say yes to a redemption or a transfer, by a code that is sent to
// them through the org's own service. A code is for one customer, one purpose, one number of points and, of a transfer, one taker.

// The purposes of a code, as the setting confirm names them.
const (
	confirmRedeem   = "redeem"
	confirmTransfer = "transfer"
)

const (
	confirmationLife    = 5 * time.Minute
	confirmationTries   = 5 // of a code
	confirmationsAtOnce = 5 // codes of a customer and a purpose within confirmationPause
	confirmationPause   = time.Hour
	wrongCodes          = 20 // of one credential within confirmationPause, for whichever customers
	guessersKept        = 10_000
)

// Confirmation is a code that was made, on its way to the customer. The code is nowhere else: what is stored is its MAC, by a key
// that only this process knows.
type Confirmation struct {
	ID       int64
	Org      string
	Customer int64
	Contacts []Identifier // mobile numbers and e-mail addresses of the customer
	Purpose  string       // redeem or transfer
	Points   int64        // thousandths
	Taker    int64        // of a transfer; else 0
	Code     string
	Expires  time.Time

	URL, Secret string // where the org takes it, and what the message is signed with
}

// confirmed is what a code is for.
type confirmed struct {
	purpose  string
	customer int64
	points   int64
	taker    int64
}

// ConfirmRedemption makes a code for a redemption. It gives nil when the org wants none, and ConfirmationNotSent when none can be
// made now.
func (s *Store) ConfirmRedemption(ctx context.Context, who Who, ref CustomerRef, points int64) (*Confirmation, error) {
	return s.confirmation(ctx, who, func(tx *Tx, o *orgConfig) (a confirmed, err error) {
		found, err := tx.find(o, who.Org, ref)
		return confirmed{confirmRedeem, found.ID, points, 0}, err
	})
}

// ConfirmTransfer is ConfirmRedemption for a transfer. The giver gets the code.
func (s *Store) ConfirmTransfer(ctx context.Context, who Who, in TransferInput) (*Confirmation, error) {
	return s.confirmation(ctx, who, func(tx *Tx, o *orgConfig) (a confirmed, err error) {
		from, to, err := tx.parties(o, who.Org, in)
		return confirmed{confirmTransfer, from.ID, in.Points, to.ID}, err
	})
}

func (s *Store) confirmation(ctx context.Context, who Who, find func(*Tx, *orgConfig) (confirmed, error)) (c *Confirmation, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		c = nil
		o, err := tx.orgToChange(who.Org)
		if err != nil {
			return err
		}
		a, err := find(tx, o)
		if err != nil || !slices.Contains(o.Points.Confirm, a.purpose) {
			return err
		}
		c, err = tx.makeConfirmation(o, who, a)
		return err
	})
	return c, err
}

func (tx *Tx) makeConfirmation(o *orgConfig, who Who, a confirmed) (*Confirmation, error) {
	if o.Points.ConfirmURL == "" || o.Points.ConfirmSecret == "" {
		return nil, fault.ConfirmationNotSent.With("reason", "the organization has not said where to")
	}
	org := who.Org
	if _, err := tx.Exec(`DELETE FROM confirmations WHERE org = $1 AND expires_on < $2`, org, tx.now-confirmationPause.Milliseconds()); err != nil {
		return nil, err
	}
	// A new code takes the place of the one before, and its tries do not begin anew for ever.
	first, made := tx.now, int64(0)
	err := tx.QueryRow(`SELECT first_on, made FROM confirmations WHERE org = $1 AND customer = $2 AND purpose = $3`, org, a.customer, a.purpose).Scan(&first, &made)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if tx.now-first >= confirmationPause.Milliseconds() {
		first, made = tx.now, 0
	}
	if made >= confirmationsAtOnce {
		return nil, fault.ConfirmationNotSent.With("reason", fmt.Sprintf("the customer got %d codes within an hour", made))
	}
	id, err := tx.next(org, "confirmations", 1)
	if err != nil {
		return nil, err
	}
	code, err := randomCode(tx.s.random, false, 6)
	if err != nil {
		return nil, err
	}
	expires := tx.now + confirmationLife.Milliseconds()
	_, err = tx.Exec(`INSERT INTO confirmations (org, customer, purpose, id, points, taker, mac, first_on, made, expires_on, tries) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (org, customer, purpose) DO UPDATE SET id = excluded.id, points = excluded.points, taker = excluded.taker, mac = excluded.mac, first_on = excluded.first_on,
			made = excluded.made, expires_on = excluded.expires_on, tries = excluded.tries`,
		org, a.customer, a.purpose, id, a.points, a.taker, tx.s.confirmationMAC(org, id, a, code), first, made+1, expires, confirmationTries)
	if err != nil {
		return nil, err
	}
	c := &Confirmation{ID: id, Customer: a.customer, Contacts: []Identifier{}, Purpose: a.purpose, Points: a.points, Taker: a.taker, Code: code, Expires: o.time(expires),
		URL: o.Points.ConfirmURL, Secret: o.Points.ConfirmSecret}
	if err := tx.QueryRow(`SELECT name FROM orgs WHERE id = $1`, org).Scan(&c.Org); err != nil {
		return nil, err
	}
	err = tx.Each(func(scan func(...any) error) error {
		var i Identifier
		err := scan(&i.Type, &i.Value)
		if !slices.Contains(c.Contacts, i) {
			c.Contacts = append(c.Contacts, i)
		}
		return err
	}, `SELECT type, value FROM identifiers WHERE org = $1 AND customer = $2 AND type IN ('mobile', 'email') ORDER BY position, source, account`, org, a.customer)
	return c, err
}

// confirmationMAC binds a code to what it is for. The key is made when the store is opened, so a copy of the database says nothing
// about codes, and none outlives the process.
func (s *Store) confirmationMAC(org, id int64, a confirmed, code string) string {
	h := hmac.New(sha256.New, s.confirmKey)
	fmt.Fprintf(h, "%d %d %s %d %d %d %s", org, id, a.purpose, a.customer, a.points, a.taker, code)
	return hex.EncodeToString(h.Sum(nil))
}

// countTry takes one of the tries of a customer's code, before the code is looked at and in a transaction of its own: a refusal
// undoes all that its request did, and of a thousand guesses at once no more than five may be looked at. A request that repeats
// another one's key is no try: so it is a step of onceAfter.
func (s *Store) countTry(ctx context.Context, who Who, purpose string, find func(*Tx, *orgConfig) (Outcome, error)) error {
	err := s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgToChange(who.Org)
		if err != nil || !slices.Contains(o.Points.Confirm, purpose) {
			return err
		}
		found, err := find(tx, o)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE confirmations SET tries = tries - 1 WHERE org = $1 AND customer = $2 AND purpose = $3 AND tries > -1`, who.Org, found.ID, purpose)
		return err
	})
	_, err = asRefusal(err) // a refusal comes again, from the request itself
	return err
}

// confirm refuses what the customer has not confirmed, where the org wants that. A code that fits is used up.
func (tx *Tx) confirm(o *orgConfig, who Who, a confirmed, code string) error {
	if !slices.Contains(o.Points.Confirm, a.purpose) || tx.dry { // a dry run would give its tries back, and tell which guess was right
		return nil
	}
	invalid := func(reason string) error { return fault.ConfirmationInvalid.With("reason", reason) }
	if code == "" {
		return invalid("is missing")
	}
	var id, expires, tries int64
	var mac string
	err := tx.QueryRow(`SELECT id, mac, expires_on, tries FROM confirmations WHERE org = $1 AND customer = $2 AND purpose = $3`, who.Org, a.customer, a.purpose).Scan(&id, &mac, &expires, &tries)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return invalid("is wrong")
	case err != nil:
		return err
	case tries < 0:
		return invalid("was tried too often")
	case expires <= tx.now:
		return invalid("has expired")
	case tx.s.guesses.tooMany(who, tx.now):
		return invalid("cannot be looked at: too many wrong ones came with these credentials within an hour")
	case !hmac.Equal([]byte(mac), []byte(tx.s.confirmationMAC(who.Org, id, a, code))):
		tx.s.guesses.wrong(who, tx.now)
		return invalid("is wrong")
	}
	_, err = tx.Exec(`UPDATE confirmations SET mac = '' WHERE org = $1 AND customer = $2 AND purpose = $3`, who.Org, a.customer, a.purpose)
	return err
}

// guesses counts the wrong codes of each credential, so that whoever may ask for codes of many customers cannot try five of each
// without end. It is as short-lived as the codes themselves, which no restart outlives.
type guesses struct {
	mu sync.Mutex
	of map[guesser]*wrongGuesses
}

type wrongGuesses struct {
	first int64 // in milliseconds
	n     int
}

type guesser struct{ org, till, client int64 }

// guesserOf is the till or client that sent the call, whoever it acts for.
func guesserOf(who Who) guesser { return guesser{who.Org, cmp.Or(who.Sender, who.Till), who.Client} }

func (g *guesses) tooMany(who Who, now int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.of[guesserOf(who)]
	return c != nil && now-c.first < confirmationPause.Milliseconds() && c.n >= wrongCodes
}

func (g *guesses) wrong(who Who, now int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil || len(g.of) >= guessersKept {
		g.of = map[guesser]*wrongGuesses{}
	}
	c := g.of[guesserOf(who)]
	if c == nil || now-c.first >= confirmationPause.Milliseconds() {
		c = &wrongGuesses{first: now}
		g.of[guesserOf(who)] = c
	}
	c.n++
}

// confirmationsPart has codes, which are short-lived and say nothing of a person but the id.
var confirmationsPart = part{name: "confirmations", erase: func(tx *Tx, e *erasing) error {
	for _, id := range e.ids {
		if _, err := tx.Exec(`DELETE FROM confirmations WHERE org = $1 AND (customer = $2 OR taker = $2)`, e.who.Org, id); err != nil {
			return err
		}
	}
	return nil
}}
