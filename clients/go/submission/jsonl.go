// Package submission reads submissions in pixret's JSON Lines form: one object a line, with the columns of Row.
package submission

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	pixret "github.com/pixret/pixret/clients/go"
)

const maxLine = 1 << 28

// Row is one line. The query and the index image are named by ID or by index; the first of Segmentation, Polygons and
// BBox that is there says where the object is, and none of them finds nothing.
type Row struct {
	QueryID      *string      `json:"query_id"`
	QueryIndex   *uint32      `json:"query_index"`
	ImageID      *string      `json:"image_id"`
	ImageIndex   *uint32      `json:"image_index"`
	Score        *float64     `json:"score"`
	Rank         *uint32      `json:"rank"`
	Segmentation *Mask        `json:"segmentation"`
	Polygons     *[][]float64 `json:"polygons"`
	BBox         *[]float64   `json:"bbox"`
	// Level and Area are taken and not used, so that a table of ground truth pairs is a submission too.
	Level any      `json:"level"`
	Area  *float64 `json:"area"`
}

// Mask is a COCO RLE: Size is [height, width], Counts a string or a list of runs.
type Mask struct {
	Size   []int64         `json:"size"`
	Counts json.RawMessage `json:"counts"`
}

// Read yields the predictions of a submission, and an error that names the line for what is none.
func Read(reader io.Reader) iter.Seq2[pixret.Item, error] {
	return func(yield func(pixret.Item, error) bool) {
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, maxLine)
		for number := 1; lines.Scan(); number++ {
			line := bytes.TrimSpace(lines.Bytes())
			if number == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			if len(line) == 0 {
				continue
			}
			prediction, err := parse(line)
			if err != nil {
				err = fmt.Errorf("line %d: %w", number, err)
			}
			if !yield(prediction, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func parse(line []byte) (pixret.Item, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields() // a misspelt column would silently mean that nothing was found
	var row Row
	if err := decoder.Decode(&row); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("a second value stands behind the object; write one row a line")
	}
	return row.Prediction()
}

// Prediction is what the row stands for. It has an error when the row lacks a name or has two orders.
func (row *Row) Prediction() (pixret.Prediction, error) {
	query, hasQuery := ref(row.QueryID, row.QueryIndex)
	image, hasImage := ref(row.ImageID, row.ImageIndex)
	switch {
	case !hasQuery:
		return pixret.Prediction{}, errors.New("neither query_id nor query_index is given")
	case !hasImage:
		return pixret.Prediction{}, errors.New("neither image_id nor image_index is given")
	case row.Score != nil && row.Rank != nil:
		return pixret.Prediction{}, fmt.Errorf("score %v and rank %d are both given; give one", *row.Score, *row.Rank)
	}
	prediction := pixret.Prediction{Query: query, Image: image, Region: row.region()}
	if row.Score != nil {
		prediction.Order = pixret.Score(*row.Score)
	}
	if row.Rank != nil {
		prediction.Order = pixret.Rank(*row.Rank)
	}
	return prediction, nil
}

func ref(id *string, index *uint32) (pixret.Ref, bool) {
	switch {
	case id != nil:
		return pixret.ID(*id), true
	case index != nil:
		return pixret.Index(*index), true
	}
	return pixret.Ref{}, false
}

func (row *Row) region() pixret.Region {
	switch {
	case row.Segmentation != nil:
		return row.Segmentation.region()
	case row.Polygons != nil:
		return pixret.Polygons(*row.Polygons)
	case row.BBox != nil && len(*row.BBox) == 4:
		box := *row.BBox
		return pixret.Box{X: box[0], Y: box[1], Width: box[2], Height: box[3]}
	case row.BBox != nil:
		return pixret.Unreadable(fmt.Sprintf("bbox %s is not [x, y, width, height]", listed(*row.BBox)))
	}
	return pixret.NoMask{}
}

// region is the mask as the wire carries it. What it cannot carry is sent as unreadable, for the server to refuse.
func (mask *Mask) region() pixret.Region {
	if len(mask.Size) != 2 || !fits(mask.Size[0]) || !fits(mask.Size[1]) {
		return pixret.Unreadable(fmt.Sprintf("size %v is not [height, width]", mask.Size))
	}
	height, width := uint32(mask.Size[0]), uint32(mask.Size[1])
	var text string
	if json.Unmarshal(mask.Counts, &text) == nil {
		return pixret.RLE{Height: height, Width: width, Counts: []byte(text)}
	}
	var runs []uint32
	if err := json.Unmarshal(mask.Counts, &runs); err != nil {
		return pixret.Unreadable(fmt.Sprintf("counts are neither a string nor a list of lengths: %v", err))
	}
	return pixret.Runs{Height: height, Width: width, Counts: runs}
}

func listed(numbers []float64) string {
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = strconv.FormatFloat(number, 'f', -1, 64)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func fits(side int64) bool { return 0 <= side && side < 1<<32 }
