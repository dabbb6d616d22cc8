package pixret

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// patience makes unary calls again while the server is away, all of which may be repeated. A server that never answered
// is not waited for, since its address is probably wrong.
type patience struct {
	limit      time.Duration
	wasReached atomic.Bool
}

// intercept makes every unary call of a connection but AppendPredictions, for which SendOptions say how long to try.
func (patience *patience) intercept(
	ctx context.Context, method string, request, reply any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	tries := 0
	call := func() (any, error) {
		tries++
		err := invoke(ctx, method, request, reply, connection, options...)
		code := status.Code(err)
		if tries > 1 && method == wire.ScoringService_DeleteSession_FullMethodName && code == codes.NotFound {
			return reply, nil // the first try did it, and its answer was lost
		}
		if !isAway(connection, code) && code != codes.DeadlineExceeded {
			patience.wasReached.Store(true)
		}
		return reply, err
	}
	limit := patience.limit
	if method == wire.ScoringService_AppendPredictions_FullMethodName || !patience.wasReached.Load() {
		limit = 0
	}
	_, err := again(ctx, connection, limit, call)
	return err
}

// again makes one call, and makes it again while the server is away and patience lasts.
func again[T any](
	ctx context.Context, connection *grpc.ClientConn, patience time.Duration, call func() (T, error),
) (T, error) {
	return backoff.Retry(ctx, func() (T, error) {
		result, err := call()
		if err != nil && !isAway(connection, status.Code(err)) {
			err = backoff.Permanent(err)
		}
		return result, err
	}, backoff.WithBackOff(newWaits()), backoff.WithMaxElapsedTime(max(patience, 1))) // 0 would be for ever
}

// newWaits are the pauses between tries, random ones around a tenth of a second at first and five seconds in the end.
func newWaits() *backoff.ExponentialBackOff {
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval, waits.Multiplier = time.Second/10, 5*time.Second, 2
	return waits
}

// isAway says whether a server was not reached, or stops and cancels what is left; a connection that was closed here is
// not waited for.
func isAway(connection *grpc.ClientConn, code codes.Code) bool {
	return (code == codes.Unavailable || code == codes.Canceled) && connection.GetState() != connectivity.Shutdown
}
