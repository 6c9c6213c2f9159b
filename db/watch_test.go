package db

import (
	"sync"
	"testing"
)

// A stop that cuts requests closes the store under them: what they ask then is answered, and never with what is to be believed.
func TestChangedWhileClosing(t *testing.T) {
	s := openTest(t)
	before := s.Changed()
	if again := s.Changed(); again != before {
		t.Errorf("%d, then %d, and nothing has changed", before, again)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				s.Changed()
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if a, b := s.Changed(), s.Changed(); a == before || a == b {
		t.Errorf("%d and %d after the end", a, b)
	}
}
