// Command pixret-score streams a submission in JSON Lines to a scoring server and prints the report.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	pixret "github.com/pixret/pixret/clients/go"
	"github.com/pixret/pixret/clients/go/submission"
)

func main() {
	log.SetFlags(0)
	server := flag.String("server", "127.0.0.1:50051", "HOST:PORT of the scoring server")
	benchmark := flag.String("benchmark", "mini", "benchmark to score against")
	token := flag.String("token-file", "", "file that holds a bearer token")
	trust := flag.String("tls-ca", "", "connect by TLS, and trust the certificates in this PEM file")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: pixret-score [flags] SUBMISSION.jsonl")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := pixret.Dial(*server, pixret.WithTokenFile(*token), pixret.WithTLSFile(*trust))
	if err != nil {
		log.Fatal(err)
	}
	report, err := score(ctx, client, *benchmark, flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(report)
}

func score(ctx context.Context, client *pixret.Client, benchmark, path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	session, err := client.CreateSession(ctx, benchmark, pixret.SessionOptions{})
	if err != nil {
		return nil, err
	}
	progress, err := client.Send(ctx, session.Name, submission.Read(file), pixret.SendOptions{
		SnapshotInterval: time.Second,
		OnSnapshot:       show,
		OnRejection:      func(refused pixret.Rejection) { log.Print("rejected: ", refused) },
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return client.Finalize(ctx, session.Name, progress.Committed, progress.ChainDigest)
}

func show(snapshot pixret.Snapshot) {
	medium := snapshot.Protocols["medium"].Strict.Segmentation
	if medium.MIoU != nil && medium.MAP50To95 != nil {
		log.Printf("%d items: medium mIoU %.2f, mAP %.2f", snapshot.Offset, 100**medium.MIoU, 100**medium.MAP50To95)
	}
}
