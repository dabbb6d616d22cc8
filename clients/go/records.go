package pixret

import (
	"strings"

	"github.com/pixret/pixret/clients/go/internal/wire"
)

// Session is one submission on a server. Every item below Committed is durable and has exactly one outcome.
type Session struct {
	Name, Benchmark, DisplayName  string
	Finalized                     bool
	Committed, Accepted, Rejected uint64
	Distractors                   uint32
}

// Rejection says why an item does not count. Reason is a name such as "invalid_mask".
type Rejection struct {
	Offset                               uint64
	Reason, Field, Message, Query, Image string
}

// Snapshot holds the metrics of a session at one offset, scored as if nothing more came. ChainDigest is that of the
// items below the offset. A server that hides its ground truth may leave Protocols empty.
type Snapshot struct {
	Offset, Accepted, Rejected uint64
	ChainDigest                []byte
	Protocols                  map[string]ProtocolMetrics // by easy, medium, hard
}

// ProtocolMetrics are the numbers of one protocol. Coverage is nil without positives.
type ProtocolMetrics struct {
	Coverage                     *float64
	Official, Strict             ConventionMetrics
	OfficialBounds, StrictBounds Bounds
}

// Bounds are the least and the greatest final value of every number, over all ways in which the session can go on.
type Bounds struct{ Least, Greatest ConventionMetrics }

// ConventionMetrics are the numbers of one convention; RankingMAP is nil when undefined.
type ConventionMetrics struct {
	Detection, Segmentation TaskMetrics
	RankingMAP              *float64
	Exact                   bool
}

// TaskMetrics are the numbers of one task, in [0, 1], nil when undefined. MAP has one entry for each threshold.
type TaskMetrics struct {
	MIoU, MAP50To95 *float64
	MAP             []float64
}

func decodeBenchmark(message *wire.Benchmark) Benchmark {
	return Benchmark{
		Name:            strings.TrimPrefix(message.GetName(), "benchmarks/"),
		QueryCount:      message.GetQueryCount(),
		IndexSize:       message.GetIndexSize(),
		Digest:          message.GetDigest(),
		MaxBatchItems:   message.GetLimits().GetMaxBatchItems(),
		MaxMessageBytes: message.GetLimits().GetMaxMessageBytes(),
		QueryIDs:        message.GetQueryIds(),
		ImageIDs:        message.GetImageIds(),
	}
}

func decodeSession(message *wire.Session) Session {
	return Session{
		Name:        message.GetName(),
		Benchmark:   strings.TrimPrefix(message.GetBenchmark(), "benchmarks/"),
		DisplayName: message.GetDisplayName(),
		Finalized:   message.GetState() == wire.SessionState_SESSION_STATE_FINALIZED,
		Committed:   message.GetCommittedOffset(),
		Accepted:    message.GetAcceptedCount(),
		Rejected:    message.GetRejectedCount(),
		Distractors: message.GetDistractorCount(),
	}
}

func decodeRejection(message *wire.Rejection) Rejection {
	return Rejection{
		Offset:  message.GetOffset(),
		Reason:  decodeReason(message.GetReason()),
		Field:   message.GetField(),
		Message: message.GetMessage(),
		Query:   message.GetQuery(),
		Image:   message.GetImage(),
	}
}

// decodeReason is the name of a kind of fault, "unknown" for one of a newer server.
func decodeReason(reason wire.RejectionReason) string {
	name, known := wire.RejectionReason_name[int32(reason)]
	if !known {
		return "unknown"
	}
	return strings.ToLower(strings.TrimPrefix(name, "REJECTION_REASON_"))
}

func decodeSnapshot(message *wire.Snapshot) Snapshot {
	protocols := make(map[string]ProtocolMetrics, len(message.GetProtocols()))
	for _, metrics := range message.GetProtocols() {
		protocols[metrics.GetProtocol()] = ProtocolMetrics{
			Coverage: metrics.Coverage,
			Official: decodeConvention(metrics.GetOfficial()),
			Strict:   decodeConvention(metrics.GetStrict()),

			OfficialBounds: decodeBounds(metrics.GetOfficialBounds()),
			StrictBounds:   decodeBounds(metrics.GetStrictBounds()),
		}
	}
	return Snapshot{
		Offset:      message.GetOffset(),
		Accepted:    message.GetAcceptedCount(),
		Rejected:    message.GetRejectedCount(),
		ChainDigest: message.GetChainDigest(),
		Protocols:   protocols,
	}
}

func decodeBounds(message *wire.Bounds) Bounds {
	return Bounds{decodeConvention(message.GetLeast()), decodeConvention(message.GetGreatest())}
}

func decodeConvention(message *wire.ConventionMetrics) ConventionMetrics {
	if message == nil {
		return ConventionMetrics{}
	}
	return ConventionMetrics{
		Detection:    decodeTask(message.GetDetection()),
		Segmentation: decodeTask(message.GetSegmentation()),
		RankingMAP:   message.RankingMap,
		Exact:        message.GetExact(),
	}
}

func decodeTask(message *wire.TaskMetrics) TaskMetrics {
	if message == nil {
		return TaskMetrics{}
	}
	return TaskMetrics{MIoU: message.Miou, MAP50To95: message.Map_50_95, MAP: message.GetMap()}
}
