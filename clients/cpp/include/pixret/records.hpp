#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pixret {

/// What a server scores. The names are there when they were asked for.
struct Benchmark {
  std::string name;
  std::uint32_t query_count = 0, index_size = 0;
  std::string digest;
  std::uint32_t max_batch_items = 0, max_message_bytes = 0;
  std::vector<std::string> query_ids, image_ids;
};

/// One submission on a server. Every item below `committed` is durable and has exactly one outcome.
struct Session {
  std::string name, benchmark, display_name;
  bool is_finalized = false;
  std::uint64_t committed = 0, accepted = 0, rejected = 0;
  std::uint32_t distractors = 0;
  /// Digest of the items below `committed`.
  std::string chain_digest;
};

/// Why an item does not count. The reason is a name such as invalid_mask.
struct Rejection {
  std::uint64_t offset = 0;
  std::string reason, field, message, query, image;
};

/// The numbers of one task, in [0, 1], nothing when undefined; `map` has one entry for each threshold.
struct TaskMetrics {
  std::optional<double> miou, map_50_95;
  std::vector<double> map;
};

/// The numbers of one convention.
struct ConventionMetrics {
  TaskMetrics detection, segmentation;
  std::optional<double> ranking_map;
  bool is_exact = false;
};

/// The least and the greatest final value of every number, over all ways in which the session can go on.
struct Bounds {
  ConventionMetrics least, greatest;
};

/// The numbers of one protocol. There is no coverage without positives.
struct ProtocolMetrics {
  std::optional<double> coverage;
  ConventionMetrics official, strict;
  Bounds official_bounds, strict_bounds;
};

/// The metrics of a session at one offset, scored as if nothing more came; by easy, medium and hard. A server that
/// hides its ground truth may leave the protocols out. The chain digest is that of the items below the offset.
struct Snapshot {
  std::uint64_t offset = 0, accepted = 0, rejected = 0;
  std::string chain_digest;
  std::map<std::string, ProtocolMetrics> protocols;
};

/// What a client claims to have sent; what is left out is not compared.
struct Totals {
  std::uint64_t items = 0;
  std::optional<std::uint64_t> accepted, rejected;
  std::string chain_digest;
};

/// Where a session stands after sending. `last` covers everything that was sent, `chain_digest` is the client's own.
struct Progress {
  std::uint64_t committed = 0, accepted = 0, rejected = 0;
  std::string chain_digest;
  Snapshot last;

  Totals totals() const { return {committed, accepted, rejected, chain_digest}; }
};

/// A report as JSON text, and its signature file, which is empty when the server signs nothing.
struct Report {
  std::string json, signature;
};

}  // namespace pixret
