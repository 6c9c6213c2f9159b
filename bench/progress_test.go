package bench

import (
	"fmt"
	"os"
	"time"
)

// tell says how far something long is: one line that is written over on a terminal, a line for each tenth elsewhere. Nothing is
// said of what is done within seconds.
func tell(what string, total int, done func() int) (stop func()) {
	st, err := os.Stdout.Stat()
	terminal := err == nil && st.Mode()&os.ModeCharDevice != 0
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		start, tenths, wrote := time.Now(), 0, false
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-end:
				if wrote && terminal {
					fmt.Print("\r\x1b[K")
				}
				return
			case <-tick.C:
			}
			n, took := done(), time.Since(start)
			if took < 5*time.Second || n == 0 {
				continue
			}
			line := fmt.Sprintf("# %s: %d of %d, %.0f a second, %s to go", what, n, total, float64(n)/took.Seconds(),
				time.Duration(float64(took)/float64(n)*float64(total-n)).Round(time.Second))
			switch {
			case terminal:
				fmt.Print("\r\x1b[K", line)
				wrote = true
			case n*10/total > tenths:
				tenths = n * 10 / total
				fmt.Println(line)
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
