package pixret

import "github.com/pixret/pixret/clients/go/internal/wire"

// Item is what was predicted for one query: a Prediction or a Ranking.
type Item interface{ encode() *wire.Item }

// Ref names a query or an index image, by ID or by Index.
type Ref struct{ ref *wire.ImageRef }

// ID refers by name, as in the benchmark's lists.
func ID(id string) Ref { return Ref{&wire.ImageRef{Ref: &wire.ImageRef_Id{Id: id}}} }

// Index refers by position in the benchmark's lists.
func Index(index uint32) Ref { return Ref{&wire.ImageRef{Ref: &wire.ImageRef_Index{Index: index}}} }

// Order says where an index image stands among those of its query: a Score or a Rank. All predictions of a query are
// ordered in one way; none is when a Ranking orders the query.
type Order interface{ set(*wire.Prediction) }

// Score is higher for better images, and finite. Ties go to the lower image index.
type Score float64

// Rank is 0 for the best image.
type Rank uint32

func (score Score) set(message *wire.Prediction) {
	message.Order = &wire.Prediction_Score{Score: float64(score)}
}
func (rank Rank) set(message *wire.Prediction) {
	message.Order = &wire.Prediction_Rank{Rank: uint32(rank)}
}

// Region is where the query object is in an index image: RLE, Runs, Polygons, Box, NoMask or Unreadable.
type Region interface{ mask(*wire.Prediction) }

// Runs is a mask as uncompressed run lengths, column by column, background first.
type Runs struct {
	Height, Width uint32
	Counts        []uint32
}

// Polygons is the union of closed outlines, each x0, y0, x1, y1, ... in pixels of the index image.
type Polygons [][]float64

// Box is a box in pixels of the index image.
type Box struct{ X, Y, Width, Height float64 }

// NoMask says that the object was deliberately not segmented.
type NoMask struct{}

// Unreadable is a mask that its reader could not make sense of. The server refuses it under its own name, so that
// nothing is lost unseen.
type Unreadable string

func (mask RLE) mask(message *wire.Prediction) {
	message.Mask = &wire.Prediction_Rle{Rle: &wire.RleMask{Height: mask.Height, Width: mask.Width, Counts: mask.Counts}}
}

func (runs Runs) mask(message *wire.Prediction) {
	message.Mask = &wire.Prediction_Runs{Runs: &wire.RunsMask{Height: runs.Height, Width: runs.Width, Counts: runs.Counts}}
}

func (polygons Polygons) mask(message *wire.Prediction) {
	encoded := make([]*wire.Polygon, len(polygons))
	for i, polygon := range polygons {
		encoded[i] = &wire.Polygon{Xy: polygon}
	}
	message.Mask = &wire.Prediction_Polygons{Polygons: &wire.PolygonsMask{Polygons: encoded}}
}

func (box Box) mask(message *wire.Prediction) {
	message.Mask = &wire.Prediction_Box{Box: &wire.BoxMask{X: box.X, Y: box.Y, Width: box.Width, Height: box.Height}}
}

func (NoMask) mask(message *wire.Prediction) {
	message.Mask = &wire.Prediction_NoMask{NoMask: &wire.NoMask{}}
}

func (detail Unreadable) mask(message *wire.Prediction) {
	message.Mask = &wire.Prediction_Unreadable{Unreadable: &wire.UnreadableMask{Detail: string(detail)}}
}

// Prediction is what a method says of one index image for one query. Order may be nil. Region nil is a fault that the
// server names: to find nothing is said with NoMask.
type Prediction struct {
	Query, Image Ref
	Order        Order
	Region       Region
}

func (prediction Prediction) encode() *wire.Item {
	message := &wire.Prediction{Query: prediction.Query.ref, Image: prediction.Image.ref}
	if prediction.Order != nil {
		prediction.Order.set(message)
	}
	if prediction.Region != nil {
		prediction.Region.mask(message)
	}
	return &wire.Item{Item: &wire.Item_Prediction{Prediction: message}}
}

// Ranking is the whole order of one query: image indices, best first.
type Ranking struct {
	Query  Ref
	Images []uint32
}

func (ranking Ranking) encode() *wire.Item {
	message := &wire.Ranking{Query: ranking.Query.ref, ImageIndices: ranking.Images}
	return &wire.Item{Item: &wire.Item_Ranking{Ranking: message}}
}
