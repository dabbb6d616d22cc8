package pixret

import "fmt"

// RLE is a mask as COCO compressed run lengths, column by column, background first.
type RLE struct {
	Height, Width uint32
	Counts        []byte
}

// EncodeDense encodes a mask of height*width bytes in row-major order; whatever is not zero is foreground. The counts
// are byte for byte those of pycocotools.
func EncodeDense(pixels []byte, height, width int) (RLE, error) {
	if height < 1 || width < 1 || len(pixels) != height*width {
		return RLE{}, fmt.Errorf("pixret: %d pixels are not a mask of %d x %d (height x width)", len(pixels), height, width)
	}
	var runs []uint32
	run, foreground := uint32(0), false
	for x := range width {
		for y := range height {
			if (pixels[y*width+x] != 0) != foreground {
				runs, run, foreground = append(runs, run), 0, !foreground
			}
			run++
		}
	}
	return EncodeRuns(append(runs, run), height, width)
}

// EncodeRuns compresses run lengths, which alternate between background and foreground and sum to height*width.
func EncodeRuns(runs []uint32, height, width int) (RLE, error) {
	sum := uint64(0)
	for _, run := range runs {
		sum += uint64(run)
	}
	if height < 1 || width < 1 || sum != uint64(height)*uint64(width) {
		return RLE{}, fmt.Errorf("pixret: the runs sum to %d, not to height x width = %d x %d", sum, height, width)
	}
	counts := make([]byte, 0, 2*len(runs))
	for i, run := range runs {
		value := int64(run)
		if i > 2 { // from the fourth on, as the difference from the run two before
			value -= int64(runs[i-2])
		}
		counts = appendVarint(counts, value)
	}
	return RLE{Height: uint32(height), Width: uint32(width), Counts: counts}, nil
}

// appendVarint appends 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the sign.
func appendVarint(counts []byte, value int64) []byte {
	for {
		character := byte(value & 31)
		value >>= 5
		if (value == 0 && character&16 == 0) || (value == -1 && character&16 != 0) {
			return append(counts, character+48)
		}
		counts = append(counts, character|32+48)
	}
}
