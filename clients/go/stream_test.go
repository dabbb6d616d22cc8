package pixret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// leaver is a server that tells of every stream that attached, and breaks it off when it is told to.
type leaver struct {
	wire.UnimplementedScoringServiceServer
	attached, leave chan struct{}
}

func (server *leaver) StreamPredictions(stream wire.ScoringService_StreamPredictionsServer) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	attached := &wire.StreamPredictionsResponse_Attached{Attached: &wire.Attached{Session: &wire.Session{}}}
	if err := stream.Send(&wire.StreamPredictionsResponse{Message: attached}); err != nil {
		return err
	}
	server.attached <- struct{}{}
	select {
	case <-server.leave:
		return status.Error(codes.Unavailable, "gone")
	case <-stream.Context().Done():
		return stream.Context().Err()
	}
}

// begin serves, and gives a client to speak to the server.
func begin(t *testing.T) (*leaver, *Client) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, leaver := grpc.NewServer(), &leaver{attached: make(chan struct{}, 9), leave: make(chan struct{})}
	wire.RegisterScoringServiceServer(server, leaver)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	client, err := Dial(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return leaver, client
}

func within[T any](t *testing.T, what string, happened <-chan T) T {
	select {
	case value := <-happened:
		return value
	case <-time.After(30 * time.Second):
		t.Fatalf("%s did not happen", what)
		panic("unreachable")
	}
}

func TestASilentSourceHidesNeitherABrokenStreamNorAnEnd(t *testing.T) {
	server, client := begin(t)
	silence, result := make(chan struct{}), make(chan error)
	t.Cleanup(func() { close(silence) })
	source := func(func(Item, error) bool) { <-silence }
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, err := client.Send(ctx, "sessions/a", source, SendOptions{Patience: time.Second})
		result <- err
	}()
	within(t, "the first stream", server.attached)
	time.Sleep(1200 * time.Millisecond) // longer than patience, which a slow source does not use up
	server.leave <- struct{}{}
	within(t, "a second stream", server.attached)
	cancel()
	if err := within(t, "the end", result); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want that it was cancelled", err)
	}
}

func TestAnErrorOfTheSourceEndsSending(t *testing.T) {
	_, client := begin(t)
	broken := fmt.Errorf("half a file: %w", io.EOF)
	source := func(yield func(Item, error) bool) { yield(nil, broken) }
	result := make(chan error)
	go func() {
		_, err := client.Send(context.Background(), "sessions/a", source, SendOptions{})
		result <- err
	}()
	if err := within(t, "the end", result); !errors.Is(err, broken) {
		t.Errorf("got %v; want %v", err, broken)
	}
}
