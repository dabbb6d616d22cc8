package pixret

import (
	"context"
	"crypto/rand"
	"iter"

	"google.golang.org/grpc"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// Client speaks to one scoring server. It is safe for several goroutines at once.
type Client struct {
	connection *grpc.ClientConn
	stub       wire.ScoringServiceClient
	patience   *patience
}

// Close closes the connection.
func (client *Client) Close() error { return client.connection.Close() }

// Benchmark is what a server scores. QueryIDs and ImageIDs are there when names were asked for.
type Benchmark struct {
	Name                  string
	QueryCount, IndexSize uint32
	Digest                string
	MaxBatchItems         uint32
	MaxMessageBytes       uint32
	QueryIDs, ImageIDs    []string
}

// Benchmarks lists all benchmarks of the server, without names.
func (client *Client) Benchmarks(ctx context.Context) ([]Benchmark, error) {
	response, err := client.stub.ListBenchmarks(ctx, &wire.ListBenchmarksRequest{})
	if err != nil {
		return nil, failure(err)
	}
	benchmarks := make([]Benchmark, len(response.GetBenchmarks()))
	for i, message := range response.GetBenchmarks() {
		benchmarks[i] = decodeBenchmark(message)
	}
	return benchmarks, nil
}

// Benchmark describes one benchmark, with the names of its queries and index images.
func (client *Client) Benchmark(ctx context.Context, name string) (Benchmark, error) {
	request := &wire.GetBenchmarkRequest{Name: "benchmarks/" + name, View: wire.BenchmarkView_BENCHMARK_VIEW_FULL}
	response, err := client.stub.GetBenchmark(ctx, request)
	return decodeBenchmark(response.GetBenchmark()), failure(err)
}

// SessionOptions are what a session may be opened with; the zero value is a good one.
type SessionOptions struct {
	// RequestID lets a retry find the session of the first try; a random one is made when it is empty.
	RequestID string
	// Distractors counts the images that the ranking holds beyond the index.
	Distractors uint32
	// DisplayName is shown in lists.
	DisplayName string
}

// CreateSession opens a session, or finds the one that the same RequestID opened before.
func (client *Client) CreateSession(ctx context.Context, benchmark string, options SessionOptions) (Session, error) {
	if options.RequestID == "" {
		options.RequestID = rand.Text()
	}
	response, err := client.stub.CreateSession(ctx, &wire.CreateSessionRequest{
		Benchmark:       "benchmarks/" + benchmark,
		RequestId:       options.RequestID,
		DistractorCount: options.Distractors,
		DisplayName:     options.DisplayName,
	})
	return decodeSession(response.GetSession()), failure(err)
}

// Session reads the state of a session.
func (client *Client) Session(ctx context.Context, name string) (Session, error) {
	response, err := client.stub.GetSession(ctx, &wire.GetSessionRequest{Name: name})
	return decodeSession(response.GetSession()), failure(err)
}

// Sessions yields all sessions, oldest first.
func (client *Client) Sessions(ctx context.Context) iter.Seq2[Session, error] {
	return paged(decodeSession, func(token string) ([]*wire.Session, string, error) {
		response, err := client.stub.ListSessions(ctx, &wire.ListSessionsRequest{PageToken: token})
		return response.GetSessions(), response.GetNextPageToken(), err
	})
}

// DeleteSession ends a session and forgets what it holds.
func (client *Client) DeleteSession(ctx context.Context, name string) error {
	_, err := client.stub.DeleteSession(ctx, &wire.DeleteSessionRequest{Name: name})
	return failure(err)
}

// Snapshot gives the metrics of what a session has received.
func (client *Client) Snapshot(ctx context.Context, session string) (Snapshot, error) {
	response, err := client.stub.GetSnapshot(ctx, &wire.GetSnapshotRequest{Session: session})
	return decodeSnapshot(response.GetSnapshot()), failure(err)
}

// Rejections yields the refused items of a session, by offset.
func (client *Client) Rejections(ctx context.Context, session string) iter.Seq2[Rejection, error] {
	return paged(decodeRejection, func(token string) ([]*wire.Rejection, string, error) {
		response, err := client.stub.ListRejections(ctx, &wire.ListRejectionsRequest{Session: session, PageToken: token})
		return response.GetRejections(), response.GetNextPageToken(), err
	})
}

// Finalize closes a session that has received so many items, of this digest if one is given, and returns its report,
// which is JSON.
func (client *Client) Finalize(
	ctx context.Context, session string, received uint64, chainDigest []byte,
) ([]byte, error) {
	request := &wire.FinalizeSessionRequest{Session: session, ItemCount: received, ChainDigest: chainDigest}
	response, err := client.stub.FinalizeSession(ctx, request)
	return response.GetReportJson(), failure(err)
}

// paged yields what all pages hold, and stops after an error.
func paged[M, T any](decode func(M) T, page func(token string) ([]M, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for token := ""; ; {
			messages, next, err := page(token)
			if err != nil {
				var none T
				yield(none, failure(err))
				return
			}
			for _, message := range messages {
				if !yield(decode(message), nil) {
					return
				}
			}
			if token = next; token == "" {
				return
			}
		}
	}
}
