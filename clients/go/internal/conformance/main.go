// Command conformance is the driver of this client: it does one job and says how it went. tests/conformance/README.md
// in the repository says what a driver does.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	pixret "github.com/pixret/pixret/clients/go"
)

type job struct {
	Server           string
	Benchmark        string
	Token            *string
	TLS              *files
	Distractors      uint32
	Session          *string
	Items            string
	Transport        string
	BatchItems       int `json:"batch_items"`
	Linger           *float64
	SnapshotInterval *float64 `json:"snapshot_interval"`
	Claim            *uint64
	Patience         *float64
	Calls            bool
}

// files are those of a TLS connection; Certificate and Key may be empty.
type files struct{ CA, Certificate, Key string }

type result struct {
	Report     *string  `json:"report"`
	Error      *refusal `json:"error"`
	Received   uint64   `json:"received"`
	Rejections [][]any  `json:"rejections"`
	Snapshots  []uint64 `json:"snapshots"`
	Calls      *calls   `json:"calls"`
}

type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type calls struct {
	Benchmarks [][]any    `json:"benchmarks"`
	QueryIDs   []string   `json:"query_ids"`
	ImageIDs   []string   `json:"image_ids"`
	Session    []uint64   `json:"session"`
	Listed     bool       `json:"listed"`
	Metrics    []*float64 `json:"metrics"`
	Rejections [][]any    `json:"rejections"`
	Deleted    string     `json:"deleted"`
}

func main() {
	if err := drive(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func drive(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var job job
	if err := json.Unmarshal(data, &job); err != nil {
		return err
	}
	var options []pixret.Option
	if job.Token != nil {
		options = append(options, pixret.WithToken(*job.Token))
	}
	if job.TLS != nil {
		option, err := job.TLS.option()
		if err != nil {
			return err
		}
		options = append(options, option)
	}
	if job.Patience != nil {
		options = append(options, pixret.WithPatience(seconds(*job.Patience)))
	}
	client, err := pixret.Dial(job.Server, options...)
	if err != nil {
		return err
	}
	defer client.Close()
	result := result{Rejections: [][]any{}, Snapshots: []uint64{}}
	if err := result.run(context.Background(), client, job); err != nil {
		var failed *pixret.Error
		if !errors.As(err, &failed) {
			return err
		}
		result.Error = &refusal{pixret.CodeName(failed.Code), failed.Message}
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func (files files) option() (pixret.Option, error) {
	if files.Certificate == "" {
		return pixret.WithTLSFile(files.CA), nil
	}
	authorities, err := os.ReadFile(files.CA)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authorities)
	own, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	return pixret.WithTLS(&tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{own}}), err
}

func (result *result) run(ctx context.Context, client *pixret.Client, job job) error {
	if job.Calls {
		if _, err := client.Benchmarks(ctx); err != nil {
			return err
		}
	}
	session, err := job.session(ctx, client)
	if err != nil {
		return err
	}
	digest, err := result.send(ctx, client, session, job)
	if err != nil {
		return err
	}
	if job.Calls {
		if result.Calls, err = otherCalls(ctx, client, session); err != nil {
			return err
		}
	}
	claim := result.Received
	if job.Claim != nil {
		claim = *job.Claim
	}
	report, err := client.Finalize(ctx, session, claim, digest)
	if err != nil {
		return err
	}
	text := string(report)
	result.Report = &text
	if job.Calls {
		return result.Calls.delete(ctx, client, session)
	}
	return nil
}

func (job job) session(ctx context.Context, client *pixret.Client) (string, error) {
	if job.Session != nil {
		return *job.Session, nil
	}
	session, err := client.CreateSession(ctx, job.Benchmark, pixret.SessionOptions{Distractors: job.Distractors})
	return session.Name, err
}

// send sends the items and returns their chain digest.
func (result *result) send(ctx context.Context, client *pixret.Client, session string, job job) ([]byte, error) {
	source := os.Stdin
	if job.Items != "-" {
		file, err := os.Open(job.Items)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		source = file
	}
	options := pixret.SendOptions{
		BatchItems:  job.BatchItems,
		OnSnapshot:  func(snapshot pixret.Snapshot) { result.Snapshots = append(result.Snapshots, snapshot.Offset) },
		OnRejection: func(refused pixret.Rejection) { result.Rejections = append(result.Rejections, plain(refused)) },
	}
	if job.SnapshotInterval != nil {
		options.SnapshotInterval = seconds(*job.SnapshotInterval)
	}
	if job.Patience != nil {
		options.Patience = seconds(*job.Patience)
	}
	if job.Linger != nil {
		options.Linger = cmp.Or(seconds(*job.Linger), -1) // 0 would be half a second
	}
	send := client.Send
	if job.Transport == "unary" {
		send = client.Append
	}
	progress, err := send(ctx, session, items(source), options)
	result.Received = progress.Committed
	return progress.ChainDigest, err
}

func seconds(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }

func otherCalls(ctx context.Context, client *pixret.Client, session string) (*calls, error) {
	benchmarks, err := client.Benchmarks(ctx)
	if err != nil {
		return nil, err
	}
	benchmark, err := client.Benchmark(ctx, benchmarks[0].Name)
	if err != nil {
		return nil, err
	}
	state, err := client.Session(ctx, session)
	if err != nil {
		return nil, err
	}
	snapshot, err := client.Snapshot(ctx, session)
	if err != nil {
		return nil, err
	}
	made := &calls{
		QueryIDs:   benchmark.QueryIDs,
		ImageIDs:   benchmark.ImageIDs,
		Session:    []uint64{state.Committed, state.Accepted, state.Rejected},
		Rejections: [][]any{},
	}
	for _, each := range benchmarks {
		made.Benchmarks = append(made.Benchmarks, []any{each.Name, each.QueryCount, each.IndexSize})
	}
	metrics := snapshot.Protocols["medium"].Strict.Segmentation
	made.Metrics = []*float64{metrics.MIoU, metrics.MAP50To95}
	for each, err := range client.Sessions(ctx) {
		if err != nil {
			return nil, err
		}
		made.Listed = made.Listed || each.Name == session
	}
	for refused, err := range client.Rejections(ctx, session) {
		if err != nil {
			return nil, err
		}
		made.Rejections = append(made.Rejections, plain(refused))
	}
	return made, nil
}

func (made *calls) delete(ctx context.Context, client *pixret.Client, session string) error {
	if err := client.DeleteSession(ctx, session); err != nil {
		return err
	}
	var failed *pixret.Error
	if _, err := client.Session(ctx, session); errors.As(err, &failed) {
		made.Deleted = pixret.CodeName(failed.Code)
	}
	return nil
}

func plain(refused pixret.Rejection) []any {
	return []any{refused.Offset, refused.Reason, refused.Field}
}
