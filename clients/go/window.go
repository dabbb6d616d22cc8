package pixret

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
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
	source  <-chan taken
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

// taken is what a source gave.
type taken struct {
	item Item
	err  error
}

// errInterrupted says that waiting for an item or for room was cut short, since the stream or the context has ended.
var errInterrupted = errors.New("pixret: sending was interrupted")

// newWindow reads a source in a goroutine, so that one that is silent hides nothing else. That ends with the source, or
// with the first item after stop.
func newWindow(items iter.Seq2[Item, error], options SendOptions) (held *window, stop func()) {
	source, stopped := make(chan taken), make(chan struct{})
	go func() {
		defer close(source)
		for item, err := range items {
			select {
			case source <- taken{item, err}:
			case <-stopped:
				return
			}
		}
	}()
	return &window{source: source, options: options, chain: make([]byte, sha256.Size)}, func() { close(stopped) }
}

// end is the offset after the last item that was read.
func (held *window) end() uint64 { return held.base + uint64(len(held.items)) }

// waits says whether nothing is left to send below an offset that was acknowledged, and the source has not ended.
func (held *window) waits(committed uint64) bool { return !held.ended && held.end() <= committed }

// full says that nothing more should be read before something is acknowledged.
func (held *window) full() bool { return len(held.items) >= windowItems || held.bytes >= windowBytes }

// passOver takes note of what a session holds. At first its items are read and passed over, once they are known to be
// the same; later they are those that were acknowledged.
func (held *window) passOver(ctx context.Context, session *wire.Session) error {
	if held.end() == 0 {
		held.found, held.digest = session.GetCommittedOffset(), session.GetChainDigest()
	}
	return held.advance(ctx, session.GetCommittedOffset())
}

// advance lets go of the items below an offset; those that were never read are read and passed over.
func (held *window) advance(ctx context.Context, offset uint64) error {
	for held.base < offset {
		if len(held.items) == 0 {
			more, err := held.read(ctx)
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
func (held *window) batch(ctx context.Context, offset uint64) (*wire.ItemBatch, error) {
	batch, bytes, due := &wire.ItemBatch{Offset: offset}, 0, time.Time{}
	for at := int(offset - held.base); len(batch.Items) < held.options.BatchItems; at++ {
		if at == len(held.items) {
			if more, err := held.read(ctx); err != nil || !more {
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
func (held *window) read(ctx context.Context) (bool, error) {
	select {
	case next, more := <-held.source:
		if held.ended = !more; next.err != nil || !more {
			return false, next.err
		}
		return true, held.keep(next.item)
	case <-ctx.Done():
		return false, fmt.Errorf("%w: %w", errInterrupted, ctx.Err())
	}
}

// keep adds an item to those that are held, and to the digest.
func (held *window) keep(item Item) error {
	encoded := item.encode()
	canonical, err := canonical.Marshal(encoded)
	if err != nil {
		return fmt.Errorf("item %d: %w", held.end(), err)
	}
	size := len(canonical)
	held.items, held.sizes, held.bytes = append(held.items, encoded), append(held.sizes, size), held.bytes+size
	held.chain = extend(held.chain, canonical)
	if held.end() == held.found && len(held.digest) > 0 && !bytes.Equal(held.chain, held.digest) {
		return held.conflict(held.found)
	}
	return nil
}

// canonical writes fields in the order of their numbers, which makes the bytes that are digested.
var canonical = proto.MarshalOptions{Deterministic: true}

// extend is the chain digest after one more item, as the contract defines it.
func extend(chain, canonical []byte) []byte {
	item := sha256.Sum256(canonical)
	extended := sha256.Sum256(append(chain[:len(chain):len(chain)], item[:16]...))
	return extended[:]
}
