#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "batches.hpp"
#include "call.hpp"
#include "connection.hpp"
#include "patience.hpp"
#include "pixret/client.hpp"

namespace pixret {

/// Sends items by a stream, through all calls that it takes when connections break. The caller's thread reads the
/// source and sends, a thread of each call hears the answers.
class Stream {
 public:
  Stream(Connection& connection, const std::string& session, const Source& source, const SendOptions& options);

  /// Sends everything.
  Progress run();

 private:
  /// One call: why it ended before everything was acknowledged, if it did.
  std::optional<Error> converse();
  std::optional<Error> outcome(const grpc::Status& status) const;
  void attached(const scoring::v1::Session& session);
  void send(Call& call);
  bool has_room();

  void hear(const scoring::v1::StreamPredictionsResponse& response);
  void acknowledge(const scoring::v1::Ack& ack);
  void reject(const scoring::v1::Rejections& rejections);
  void report(const scoring::v1::Snapshot& snapshot);
  void hear_end();

  Connection& connection_;
  const std::string session_;
  const SendOptions& options_;
  Batcher batcher_;
  Window window_;
  Patience patience_;
  Progress progress_;
  bool is_attached_ = false;  // ever
  bool is_complete_ = false;  // everything is acknowledged
  std::uint64_t heard_ = 0;   // rejections below this offset were told

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::uint64_t committed_ = 0;
  bool is_over_ = false;  // the call that runs
};

}  // namespace pixret
