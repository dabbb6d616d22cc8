#include "append.hpp"

#include <utility>

#include "records.hpp"

namespace pixret {

namespace wire = scoring::v1;

Append::Append(Connection& connection, const std::string& session, const Source& source, const SendOptions& options)
    : connection_(connection),
      session_(session),
      options_(options),
      batcher_(source, options),
      patience_(options.patience, options.deadline) {}

Progress Append::run() {
  begin();
  while (auto batch = batcher_.next()) append(*std::move(batch));
  end();
  return std::move(progress_);
}

void Append::begin() {
  wire::GetSessionRequest request;
  request.set_name(session_);
  const auto session = call(&Connection::Stub::GetSession, request).session();
  batcher_.pass_over(session.committed_offset(), session.chain_digest());
}

void Append::append(wire::ItemBatch&& batch) {
  wire::AppendPredictionsRequest request;
  request.set_session(session_);
  *request.mutable_batch() = std::move(batch);
  const auto response = [&] {
    try {
      return call(&Connection::Stub::AppendPredictions, request);
    } catch (const Error& error) {
      // Batches follow each other without a gap, unless the server forgot what it acknowledged.
      if (error.code() != Code::out_of_range) throw;
      throw Error(Code::data_loss, error.message() + "; create another session and send everything again");
    }
  }();
  if (!options_.on_rejection) return;
  for (const auto& rejection : response.rejections()) options_.on_rejection(decode(rejection));
}

void Append::end() {
  wire::GetSnapshotRequest request;
  request.set_session(session_);
  progress_.last = decode(call(&Connection::Stub::GetSnapshot, request).snapshot());
  progress_.committed = progress_.last.offset;
  progress_.accepted = progress_.last.accepted;
  progress_.rejected = progress_.last.rejected;
  progress_.chain_digest = batcher_.chain_digest();
  if (options_.on_snapshot) options_.on_snapshot(progress_.last);
}

}  // namespace pixret
