package pixret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

const endTag = "end"

// SendOptions change how Send sends; the zero value is a good one.
type SendOptions struct {
	// BatchItems are the items in a message; 256 when 0. With single ones a stream is a hundred times slower.
	BatchItems int
	// Linger is how long a batch waits for further items to fill it; half a second when 0, and not at all when negative.
	// It then goes out with the next item, so that snapshots come from a slow source, too.
	Linger time.Duration
	// SnapshotInterval is how often snapshots come; without it only the last one does.
	SnapshotInterval time.Duration
	// OnSnapshot is called with every snapshot, one after the other.
	OnSnapshot func(Snapshot)
	// OnRejection is called with every item that was refused while this stream ran.
	OnRejection func(Rejection)
	// Patience is how long a server may be away before Send gives up; two minutes when 0.
	Patience time.Duration
}

// Progress is where a session stands after Send. ChainDigest is that of all items of the source, for Finalize to compare.
type Progress struct {
	Committed, Accepted, Rejected uint64
	ChainDigest                   []byte
	Last                          Snapshot // covers everything that was sent
}

// Send streams items to a session and returns when the server has acknowledged all of them. The items are the whole
// submission: as many as the session holds already are passed over. A connection that breaks is taken up again, and the
// items that were not acknowledged are sent again; exactly one outcome is counted for each. The error is ctx's, the
// source's own, or an *Error.
func (client *Client) Send(
	ctx context.Context, session string, items iter.Seq2[Item, error], options SendOptions,
) (Progress, error) {
	options = options.complete()
	held, stop := newWindow(items, options)
	defer stop()
	waits := newWaits()
	var reached uint64
	for patience := time.Now().Add(options.Patience); ; {
		talk := newConversation(held, options, reached)
		err := talk.run(ctx, client.stub, session)
		if err == nil {
			client.patience.wasReached.Store(true)
			talk.progress.ChainDigest = held.chain
			return talk.progress, nil
		}
		if ctx.Err() != nil {
			return talk.progress, ctx.Err()
		}
		if talk.progress.Committed > reached {
			reached, patience = talk.progress.Committed, time.Now().Add(options.Patience)
			waits.Reset()
		}
		if talk.attached && held.waits(talk.progress.Committed) {
			patience = time.Now().Add(options.Patience) // a source may take its time
		}
		wait := waits.NextBackOff()
		if !client.mayResume(err) || time.Now().Add(wait).After(patience) {
			return talk.progress, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return talk.progress, ctx.Err()
		}
	}
}

// complete fills in what was left open.
func (options SendOptions) complete() SendOptions {
	if options.BatchItems <= 0 {
		options.BatchItems = 256
	}
	if options.Linger == 0 {
		options.Linger = time.Second / 2
	}
	if options.Patience <= 0 {
		options.Patience = 2 * time.Minute
	}
	if options.OnSnapshot == nil {
		options.OnSnapshot = func(Snapshot) {}
	}
	if options.OnRejection == nil {
		options.OnRejection = func(Rejection) {}
	}
	return options
}

// mayResume says whether a stream broke that another one may go on with; an error of the source is none.
func (client *Client) mayResume(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && isAway(client.connection, failed.Code)
}

// conversation is one stream of one session, from attach to the answer to its flush, or until it breaks.
type conversation struct {
	held     *window
	options  SendOptions
	reached  uint64      // what was acknowledged before it
	attached bool        // the server has taken it up
	progress Progress    // the receiver's, until it says how the stream ended
	acks     chan uint64 // the newest committed offset that the sender has not seen
	ended    chan error  // how the stream ended: nil when everything is acknowledged
}

func newConversation(held *window, options SendOptions, reached uint64) *conversation {
	acks, ended := make(chan uint64, 1), make(chan error, 1)
	return &conversation{held: held, options: options, reached: reached, acks: acks, ended: ended}
}

func (talk *conversation) run(ctx context.Context, stub wire.ScoringServiceClient, session string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := stub.StreamPredictions(ctx)
	if err != nil {
		return failure(err)
	}
	offset, err := talk.attach(ctx, stream, session)
	if err != nil {
		return err
	}
	go func() { talk.ended <- talk.receive(stream) }()
	if err := talk.send(stream, offset); err != nil && !errors.Is(err, errInterrupted) { // else the receiver knows why
		cancel()
		<-talk.ended
		return err
	}
	return <-talk.ended
}

// attach begins the stream and returns the offset to send from.
func (talk *conversation) attach(
	ctx context.Context, stream wire.ScoringService_StreamPredictionsClient, session string,
) (uint64, error) {
	attach := &wire.Attach{Session: session}
	if talk.options.SnapshotInterval > 0 {
		attach.SnapshotInterval = durationpb.New(talk.options.SnapshotInterval)
	}
	request := &wire.StreamPredictionsRequest{Message: &wire.StreamPredictionsRequest_Attach{Attach: attach}}
	if err := stream.Send(request); err != nil && !errors.Is(err, io.EOF) {
		return 0, failure(err)
	}
	response, err := stream.Recv()
	if err != nil {
		return 0, talk.broken(err)
	}
	state := response.GetAttached().GetSession()
	talk.progress.Committed = state.GetCommittedOffset()
	talk.progress.Accepted, talk.progress.Rejected = state.GetAcceptedCount(), state.GetRejectedCount()
	if talk.progress.Committed < talk.reached {
		message := fmt.Sprintf("the server acknowledged %d items and came back with %d; "+
			"create another session and send everything again", talk.reached, talk.progress.Committed)
		return 0, &Error{Code: codes.DataLoss, Message: message}
	}
	talk.attached = true
	return talk.progress.Committed, talk.held.passOver(ctx, state)
}

// send sends items from an offset on, and last a flush. It holds back while too many are not acknowledged.
func (talk *conversation) send(stream wire.ScoringService_StreamPredictionsClient, offset uint64) error {
	ctx := stream.Context() // which ends with the stream
	for {
		if err := talk.heed(ctx); err != nil {
			return err
		}
		batch, err := talk.held.batch(ctx, offset)
		if err != nil {
			return err
		}
		if batch == nil {
			flush := &wire.StreamPredictionsRequest_Flush{Flush: &wire.Flush{Tag: endTag}}
			return sent(stream.Send(&wire.StreamPredictionsRequest{Message: flush}))
		}
		request := &wire.StreamPredictionsRequest{Message: &wire.StreamPredictionsRequest_Batch{Batch: batch}}
		if err := sent(stream.Send(request)); err != nil {
			return err
		}
		offset += uint64(len(batch.GetItems()))
	}
}

// sent is what came of sending a message; at EOF, the stream has ended.
func sent(err error) error {
	if errors.Is(err, io.EOF) {
		return errInterrupted
	}
	return failure(err)
}

// heed lets go of what was acknowledged, and waits while the window is full.
func (talk *conversation) heed(ctx context.Context) error {
	for {
		select {
		case committed := <-talk.acks:
			if err := talk.held.advance(ctx, committed); err != nil {
				return err
			}
			continue
		default:
		}
		if !talk.held.full() {
			return nil
		}
		select {
		case committed := <-talk.acks:
			if err := talk.held.advance(ctx, committed); err != nil {
				return err
			}
		case <-ctx.Done():
			return errInterrupted
		}
	}
}

// receive takes what the server says until it has answered the flush, or the stream breaks.
func (talk *conversation) receive(stream wire.ScoringService_StreamPredictionsClient) error {
	for {
		response, err := stream.Recv()
		if err != nil {
			return talk.broken(err)
		}
		switch message := response.GetMessage().(type) {
		case *wire.StreamPredictionsResponse_Ack:
			talk.acknowledge(message.Ack)
		case *wire.StreamPredictionsResponse_Rejections:
			for _, rejection := range message.Rejections.GetRejections() {
				talk.options.OnRejection(decodeRejection(rejection))
			}
		case *wire.StreamPredictionsResponse_Snapshot:
			talk.progress.Last = decodeSnapshot(message.Snapshot)
			talk.options.OnSnapshot(talk.progress.Last)
			if message.Snapshot.GetFlushTag() == endTag {
				return nil
			}
		}
	}
}

func (talk *conversation) acknowledge(ack *wire.Ack) {
	talk.progress.Committed = ack.GetCommittedOffset()
	talk.progress.Accepted, talk.progress.Rejected = ack.GetAcceptedCount(), ack.GetRejectedCount()
	select { // the newest wins
	case <-talk.acks:
	default:
	}
	talk.acks <- talk.progress.Committed
}

// broken is why a stream ended early. A server that stops ends it without an error of its own.
func (talk *conversation) broken(err error) error {
	if errors.Is(err, io.EOF) {
		message := fmt.Sprintf("the stream ended at offset %d", talk.progress.Committed)
		return failure(status.Error(codes.Unavailable, message))
	}
	return failure(err)
}
