//go:build !linux

package bench

// Processor time and memory are measured on Linux only.
func processorTime() float64          { return 0 }
func processorTimeOf(pid int) float64 { return 0 }
func residentSize(pid int) int64      { return 0 }
