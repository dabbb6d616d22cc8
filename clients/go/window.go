package pixret

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
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
	pull    func() (Item, error, bool)
	options SendOptions
	base    uint64 // offset of the first item held
	items   []*wire.Item
	sizes   []int
	bytes   int
	ended   bool
	chain   []byte // chain digest of all items that were read
	found   uint64 // what the session held before anything was sent, and its chain digest
	digest  []byte
}

func newWindow(items iter.Seq2[Item, error], options SendOptions) (held *window, stop func()) {
	pull, stop := iter.Pull2(items)
	return &window{pull: pull, options: options, chain: make([]byte, sha256.Size)}, stop
}

// end is the offset after the last item that was read.
func (held *window) end() uint64 { return held.base + uint64(len(held.items)) }

// full says that nothing more should be read before something is acknowledged.
func (held *window) full() bool { return len(held.items) >= windowItems || held.bytes >= windowBytes }

// passOver takes note of what a session holds. At first its items are read and passed over, once they are known to be
// the same; later they are those that were acknowledged.
func (held *window) passOver(session *wire.Session) error {
	if held.end() == 0 {
		held.found, held.digest = session.GetCommittedOffset(), session.GetChainDigest()
	}
	return held.advance(session.GetCommittedOffset())
}

// advance lets go of the items below an offset; those that were never read are read and passed over.
func (held *window) advance(offset uint64) error {
	for held.base < offset {
		if len(held.items) == 0 {
			more, err := held.read()
			if err != nil {
				return err
			}
			if !more {
				return held.conflict(offset)
			}
		}
		held.bytes -= held.sizes[0]
		held.items[0] = nil // so that it can be collected while the slice lives on
		held.items, held.sizes, held.base = held.items[1:], held.sizes[1:], held.base+1
	}
	return nil
}

// conflict says that what a session holds is not what the source gave.
func (held *window) conflict(offset uint64) error {
	message := "the session holds other items below offset %d; send the same, or begin another session"
	return &Error{Code: codes.AlreadyExists, Message: fmt.Sprintf(message, offset)}
}

// batch gives the items from an offset on, as many as fit, reading where none is held; nil after the last. It does not
// wait for the next once the first has lingered.
func (held *window) batch(offset uint64) (*wire.ItemBatch, error) {
	batch, bytes, due := &wire.ItemBatch{Offset: offset}, 0, time.Time{}
	for at := int(offset - held.base); len(batch.Items) < held.options.BatchItems; at++ {
		if at == len(held.items) {
			if more, err := held.read(); err != nil || !more {
				return whole(batch), err
			}
		}
		if bytes += held.sizes[at]; bytes > batchBytes && len(batch.Items) > 0 {
			break
		}
		now := time.Now()
		if len(batch.Items) == 0 {
			due = now.Add(held.options.Linger)
		}
		batch.Items = append(batch.Items, held.items[at])
		if !now.Before(due) {
			break
		}
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
	canonical, err := canonical.Marshal(encoded)
	if err != nil {
		return false, fmt.Errorf("item %d: %w", held.end(), err)
	}
	size := len(canonical)
	held.items, held.sizes, held.bytes = append(held.items, encoded), append(held.sizes, size), held.bytes+size
	held.chain = extend(held.chain, canonical)
	if held.end() == held.found && len(held.digest) > 0 && !bytes.Equal(held.chain, held.digest) {
		return false, held.conflict(held.found)
	}
	return true, nil
}

// canonical writes fields in the order of their numbers, which makes the bytes that are digested.
var canonical = proto.MarshalOptions{Deterministic: true}

// extend is the chain digest after one more item, as the contract defines it.
func extend(chain, canonical []byte) []byte {
	item := sha256.Sum256(canonical)
	extended := sha256.Sum256(append(chain[:len(chain):len(chain)], item[:16]...))
	return extended[:]
}
