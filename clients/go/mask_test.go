package pixret

import (
	"encoding/json"
	"os"
	"testing"
)

type vector struct {
	Height, Width int
	Rows          []string
	Runs          []uint32
	Counts        string
}

func TestCountsAreThoseOfPycocotools(t *testing.T) {
	data, err := os.ReadFile("../../tests/conformance/masks.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, want := range vectors {
		var pixels []byte
		for _, row := range want.Rows {
			for _, pixel := range row {
				pixels = append(pixels, byte(pixel-'0'))
			}
		}
		if len(pixels) > 0 {
			if got, err := EncodeDense(pixels, want.Height, want.Width); err != nil || string(got.Counts) != want.Counts {
				t.Errorf("dense %d x %d: got %q, %v; want %q", want.Height, want.Width, got.Counts, err, want.Counts)
			}
		}
		if got, err := EncodeRuns(want.Runs, want.Height, want.Width); err != nil || string(got.Counts) != want.Counts {
			t.Errorf("runs %v: got %q, %v; want %q", want.Runs, got.Counts, err, want.Counts)
		}
	}
}

func TestWhatIsNoMaskIsRefused(t *testing.T) {
	if _, err := EncodeDense(make([]byte, 5), 2, 3); err == nil {
		t.Error("5 pixels were taken for a mask of 2 x 3")
	}
	if _, err := EncodeRuns([]uint32{1, 2}, 2, 2); err == nil {
		t.Error("runs that sum to 3 were taken for a mask of 2 x 2")
	}
}
