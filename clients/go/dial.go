package pixret

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// Option changes how a client connects.
type Option func(*dialing) error

type dialing struct {
	transport credentials.TransportCredentials
	options   []grpc.DialOption
	patience  time.Duration
}

// WithTLS connects by TLS, and by mutual TLS where the configuration holds a certificate.
func WithTLS(config *tls.Config) Option {
	return func(dialing *dialing) error {
		dialing.transport = credentials.NewTLS(config)
		return nil
	}
}

// WithTLSFile connects by TLS and trusts the certificates in a PEM file; without a path it changes nothing.
func WithTLSFile(path string) Option {
	return func(dialing *dialing) error {
		if path == "" {
			return nil
		}
		certificates, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		trusted := x509.NewCertPool()
		if !trusted.AppendCertsFromPEM(certificates) {
			return fmt.Errorf("%s holds no certificate in PEM", path)
		}
		return WithTLS(&tls.Config{RootCAs: trusted})(dialing)
	}
}

// WithToken sends a bearer token with every call. Without TLS it travels in plaintext, so keep such a server local.
func WithToken(token string) Option {
	return func(dialing *dialing) error {
		dialing.options = append(dialing.options, grpc.WithPerRPCCredentials(bearer(token)))
		return nil
	}
}

// WithTokenFile sends the bearer token that a file holds; without a path it changes nothing.
func WithTokenFile(path string) Option {
	return func(dialing *dialing) error {
		if path == "" {
			return nil
		}
		token, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return WithToken(strings.TrimSpace(string(token)))(dialing)
	}
}

// WithPatience says how long a server that has answered may be away before a call other than Send and Append gives up;
// a minute unless it is given, and 0 to give up at once.
func WithPatience(limit time.Duration) Option {
	return func(dialing *dialing) error {
		dialing.patience = limit
		return nil
	}
}

type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

// Dial makes a client of the server at HOST:PORT. It connects with the first call.
func Dial(address string, options ...Option) (*Client, error) {
	dialing := dialing{transport: insecure.NewCredentials(), patience: time.Minute}
	for _, option := range options {
		if err := option(&dialing); err != nil {
			return nil, fmt.Errorf("pixret: %w", err)
		}
	}
	patience := &patience{limit: dialing.patience}
	connection, err := grpc.NewClient("passthrough:///"+address, append(dialing.options,
		grpc.WithUnaryInterceptor(patience.intercept),
		// Ours is the backoff; gRPC's own would hold it up for two minutes in the end.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second,
			},
			MinConnectTimeout: 10 * time.Second,
		}),
		grpc.WithTransportCredentials(dialing.transport),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		// A report is as long as it is.
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<31-1)),
	)...)
	if err != nil {
		return nil, fmt.Errorf("pixret: %s: %w", address, err)
	}
	return &Client{connection, wire.NewScoringServiceClient(connection), patience}, nil
}
