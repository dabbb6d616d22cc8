// Package pixret is a client of pixret's scoring service: stream predicted masks, watch mAP@50:5:95 and mIoU grow, and
// get the report, to the last bit what scoring locally gives.
//
//	client, err := pixret.Dial("localhost:50051")
//	...
//	session, err := client.CreateSession(ctx, "mini", pixret.SessionOptions{})
//	...
//	progress, err := client.Send(ctx, session.Name, predictions, pixret.SendOptions{})
//	...
//	report, err := client.Finalize(ctx, session.Name, progress.Committed)
//
// The stubs in internal/wire come from the contract by go generate.
package pixret

//go:generate go run ./internal/generate
