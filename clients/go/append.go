package pixret

import (
	"context"
	"iter"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// Append sends like Send, by one call for each batch, where a stream is awkward. Snapshots come at the end alone.
func (client *Client) Append(
	ctx context.Context, session string, items iter.Seq2[Item, error], options SendOptions,
) (Progress, error) {
	options = options.complete()
	response, err := client.stub.GetSession(ctx, &wire.GetSessionRequest{Name: session})
	if err != nil {
		return Progress{}, failure(err)
	}
	state := response.GetSession()
	progress := Progress{
		Committed: state.GetCommittedOffset(), Accepted: state.GetAcceptedCount(), Rejected: state.GetRejectedCount(),
	}
	held, stop := newWindow(items, options)
	defer stop()
	if err := held.passOver(ctx, state); err != nil {
		return progress, err
	}
	for {
		batch, err := held.batch(ctx, progress.Committed)
		if err != nil {
			return progress, err
		}
		if batch == nil {
			progress.ChainDigest = held.chain
			progress.Last, err = client.Snapshot(ctx, session)
			options.OnSnapshot(progress.Last)
			return progress, err
		}
		response, err := client.append(ctx, &wire.AppendPredictionsRequest{Session: session, Batch: batch}, options)
		if err != nil {
			return progress, err
		}
		ack := response.GetAck()
		progress.Committed, progress.Accepted, progress.Rejected = ack.GetCommittedOffset(), ack.GetAcceptedCount(), ack.GetRejectedCount()
		for _, rejection := range response.GetRejections() {
			options.OnRejection(decodeRejection(rejection))
		}
		if err := held.advance(ctx, progress.Committed); err != nil {
			return progress, err
		}
	}
}

// append makes one call, again and again while the server is away and patience lasts: the offset makes that safe.
func (client *Client) append(
	ctx context.Context, request *wire.AppendPredictionsRequest, options SendOptions,
) (*wire.AppendPredictionsResponse, error) {
	response, err := again(ctx, client.connection, options.Patience, func() (*wire.AppendPredictionsResponse, error) {
		return client.stub.AppendPredictions(ctx, request)
	})
	return response, failure(err)
}
