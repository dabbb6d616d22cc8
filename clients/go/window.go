package pixret

import (
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

const (
	batchBytes  = 1 << 20
	windowItems = 16 * 1024
	windowBytes = 64 << 20
)

// window holds the items that were read and are not acknowledged yet, so that they can be sent again.
type window struct {
	pull  func() (Item, error, bool)
	base  uint64 // offset of the first item held
	items []*wire.Item
	sizes []int
	bytes int
	ended bool
}

func newWindow(items iter.Seq2[Item, error]) (held *window, stop func()) {
	pull, stop := iter.Pull2(items)
	return &window{pull: pull}, stop
}

// end is the offset after the last item that was read.
func (held *window) end() uint64 { return held.base + uint64(len(held.items)) }

// full says that nothing more should be read before something is acknowledged.
func (held *window) full() bool { return len(held.items) >= windowItems || held.bytes >= windowBytes }

// advance lets go of the items below an offset; those that were never read are read and passed over.
func (held *window) advance(offset uint64) error {
	for held.base < offset {
		if len(held.items) == 0 {
			if more, err := held.read(); err != nil || !more {
				return err
			}
		}
		held.bytes -= held.sizes[0]
		held.items[0] = nil // so that it can be collected while the slice lives on
		held.items, held.sizes, held.base = held.items[1:], held.sizes[1:], held.base+1
	}
	return nil
}

// batch gives the items from an offset on, as many as fit, reading where none is held; nil after the last.
func (held *window) batch(offset uint64, most int) (*wire.ItemBatch, error) {
	batch, bytes := &wire.ItemBatch{Offset: offset}, 0
	for at := int(offset - held.base); len(batch.Items) < most; at++ {
		if at == len(held.items) {
			if more, err := held.read(); err != nil || !more {
				return whole(batch), err
			}
		}
		if bytes += held.sizes[at]; bytes > batchBytes && len(batch.Items) > 0 {
			break
		}
		batch.Items = append(batch.Items, held.items[at])
	}
	return whole(batch), nil
}

func whole(batch *wire.ItemBatch) *wire.ItemBatch {
	if len(batch.Items) == 0 {
		return nil
	}
	return batch
}

// read takes one more item from the source; false at its end.
func (held *window) read() (bool, error) {
	if held.ended {
		return false, nil
	}
	item, err, more := held.pull()
	if held.ended = !more; err != nil || !more {
		return false, err
	}
	encoded := item.encode()
	size := proto.Size(encoded)
	held.items, held.sizes, held.bytes = append(held.items, encoded), append(held.sizes, size), held.bytes+size
	return true, nil
}
