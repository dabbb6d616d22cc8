#include "stream.hpp"

#include <algorithm>
#include <utility>

#include "records.hpp"

namespace pixret {
namespace {

namespace wire = scoring::v1;

constexpr char kEnd[] = "end";

wire::StreamPredictionsRequest attach(const std::string& session, const SendOptions& options) {
  wire::StreamPredictionsRequest request;
  request.mutable_attach()->set_session(session);
  if (options.snapshot_interval) {
    using std::chrono::seconds;
    const auto whole = std::chrono::duration_cast<seconds>(*options.snapshot_interval);
    auto& interval = *request.mutable_attach()->mutable_snapshot_interval();
    interval.set_seconds(whole.count());
    interval.set_nanos(static_cast<int>((*options.snapshot_interval - whole).count()));
  }
  return request;
}

}  // namespace

Stream::Stream(Connection& connection, const std::string& session, const Source& source, const SendOptions& options)
    : connection_(connection),
      session_(session),
      options_(options),
      batcher_(source, options),
      patience_(options.patience, options.deadline) {}

Progress Stream::run() {
  for (std::uint64_t reached = 0; const auto error = converse();) {
    if (progress_.committed > reached) {
      reached = progress_.committed;
      patience_.renew();
    }
    if (!error->is_unavailable() || !patience_.wait()) throw *error;
  }
  progress_.chain_digest = batcher_.chain_digest();
  return std::move(progress_);
}

std::optional<Error> Stream::converse() {
  Call call(connection_, options_.deadline);
  call.write(attach(session_, options_));
  const auto first = call.read();
  if (!first) return outcome(call.finish());
  attached(first->attached().session());
  is_over_ = false;
  call.listen([this](const auto& response) { hear(response); }, [this] { hear_end(); });
  send(call);
  return outcome(call.finish());
}

std::optional<Error> Stream::outcome(const grpc::Status& status) const {
  if (is_complete_) return std::nullopt;
  if (!status.ok()) return error_of(status);
  return Error(Code::unavailable, "the stream ended at offset " + std::to_string(progress_.committed) +
                                      "; send the same items again to go on");
}

/// Finds out where to go on: a session may hold items from before, and never fewer than it acknowledged.
void Stream::attached(const wire::Session& session) {
  connection_.note_answer();
  const auto offset = session.committed_offset();
  if (offset < progress_.committed) {
    throw Error(Code::data_loss, "the server acknowledged " + std::to_string(progress_.committed) +
                                     " items and came back with " + std::to_string(offset) +
                                     "; create another session and send everything again");
  }
  if (!std::exchange(is_attached_, true)) batcher_.pass_over(offset, session.chain_digest());
  progress_.committed = committed_ = offset;
}

/// Sends what the window holds, also what the server may have: it tells then which items it refused. Then all the rest.
void Stream::send(Call& call) {
  for (const auto& sent : window_.batches()) {
    if (!call.write(sent.request)) return;
  }
  while (has_room()) {
    auto batch = batcher_.next();
    if (!batch) {
      wire::StreamPredictionsRequest request;
      request.mutable_flush()->set_tag(kEnd);
      call.write(request);
      return call.end_writing();
    }
    patience_.renew();  // a source may take long
    if (!call.write(window_.put(*std::move(batch)))) return;
  }
}

/// Lets go of what was acknowledged, and waits while the window is full; false when the call ended instead.
bool Stream::has_room() {
  std::unique_lock lock(mutex_);
  for (;;) {
    window_.acknowledge(committed_);
    if (is_over_ || !window_.is_full()) return !is_over_;
    changed_.wait(lock, [this, before = committed_] { return is_over_ || committed_ != before; });
  }
}

void Stream::hear(const wire::StreamPredictionsResponse& response) {
  if (response.has_ack()) acknowledge(response.ack());
  if (response.has_rejections()) reject(response.rejections());
  if (response.has_snapshot()) report(response.snapshot());
}

void Stream::acknowledge(const wire::Ack& ack) {
  progress_.committed = ack.committed_offset();
  const std::lock_guard lock(mutex_);
  committed_ = ack.committed_offset();
  changed_.notify_all();
}

/// Rejections come again when their batch is sent again.
void Stream::reject(const wire::Rejections& rejections) {
  for (const auto& rejection : rejections.rejections()) {
    if (rejection.offset() < heard_) continue;
    heard_ = rejection.offset() + 1;
    if (options_.on_rejection) options_.on_rejection(decode(rejection));
  }
}

void Stream::report(const wire::Snapshot& message) {
  const auto snapshot = decode(message);
  if (options_.on_snapshot) options_.on_snapshot(snapshot);
  if (message.flush_tag() != kEnd) return;
  is_complete_ = true;
  progress_.committed = snapshot.offset;
  progress_.accepted = snapshot.accepted;
  progress_.rejected = snapshot.rejected;
  progress_.last = snapshot;
}

void Stream::hear_end() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  changed_.notify_all();
}

}  // namespace pixret
