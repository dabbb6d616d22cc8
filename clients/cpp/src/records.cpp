#include "records.hpp"

#include <algorithm>
#include <cctype>

namespace pixret {
namespace {

namespace wire = scoring::v1;

std::string without(const std::string& prefix, const std::string& text) {
  return text.compare(0, prefix.size(), prefix) == 0 ? text.substr(prefix.size()) : text;
}

std::string reason(wire::RejectionReason value) {
  auto name = without("REJECTION_REASON_", wire::RejectionReason_Name(value));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name.empty() ? "unknown" : name;  // of a server that is newer than this client
}

TaskMetrics decode(const wire::TaskMetrics& message) {
  TaskMetrics metrics;
  if (message.has_miou()) metrics.miou = message.miou();
  if (message.has_map_50_95()) metrics.map_50_95 = message.map_50_95();
  metrics.map.assign(message.map().begin(), message.map().end());
  return metrics;
}

ConventionMetrics decode(const wire::ConventionMetrics& message) {
  ConventionMetrics metrics;
  metrics.detection = decode(message.detection());
  metrics.segmentation = decode(message.segmentation());
  if (message.has_ranking_map()) metrics.ranking_map = message.ranking_map();
  metrics.is_exact = message.exact();
  return metrics;
}

Bounds decode(const wire::Bounds& message) { return {decode(message.least()), decode(message.greatest())}; }

ProtocolMetrics decode(const wire::ProtocolMetrics& message) {
  ProtocolMetrics metrics;
  if (message.has_coverage()) metrics.coverage = message.coverage();
  metrics.official = decode(message.official());
  metrics.strict = decode(message.strict());
  metrics.official_bounds = decode(message.official_bounds());
  metrics.strict_bounds = decode(message.strict_bounds());
  return metrics;
}

}  // namespace

Benchmark decode(const wire::Benchmark& message) {
  Benchmark benchmark;
  benchmark.name = without("benchmarks/", message.name());
  benchmark.query_count = message.query_count();
  benchmark.index_size = message.index_size();
  benchmark.digest = message.digest();
  benchmark.max_batch_items = message.limits().max_batch_items();
  benchmark.max_message_bytes = message.limits().max_message_bytes();
  benchmark.query_ids.assign(message.query_ids().begin(), message.query_ids().end());
  benchmark.image_ids.assign(message.image_ids().begin(), message.image_ids().end());
  return benchmark;
}

Session decode(const wire::Session& message) {
  Session session;
  session.name = message.name();
  session.benchmark = without("benchmarks/", message.benchmark());
  session.display_name = message.display_name();
  session.is_finalized = message.state() == wire::SESSION_STATE_FINALIZED;
  session.committed = message.committed_offset();
  session.accepted = message.accepted_count();
  session.rejected = message.rejected_count();
  session.distractors = message.distractor_count();
  session.chain_digest = message.chain_digest();
  return session;
}

Rejection decode(const wire::Rejection& message) {
  return {message.offset(),  reason(message.reason()), message.field(),
          message.message(), message.query(),          message.image()};
}

Snapshot decode(const wire::Snapshot& message) {
  Snapshot snapshot;
  snapshot.offset = message.offset();
  snapshot.accepted = message.accepted_count();
  snapshot.rejected = message.rejected_count();
  snapshot.chain_digest = message.chain_digest();
  for (const auto& metrics : message.protocols()) snapshot.protocols.emplace(metrics.protocol(), decode(metrics));
  return snapshot;
}

}  // namespace pixret
