#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "connection.hpp"

namespace pixret {

/// One call of StreamPredictions. A thread hears its answers; whoever lets go of a call that still runs cancels it.
class Call {
 public:
  using Request = scoring::v1::StreamPredictionsRequest;
  using Response = scoring::v1::StreamPredictionsResponse;

  Call(Connection& connection, std::optional<std::chrono::system_clock::time_point> deadline);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Sends a message, and waits while the server takes none; false when the call has ended.
  bool write(const Request& request) { return stream_->Write(request); }
  /// Says that nothing more will be sent.
  void end_writing() { stream_->WritesDone(); }
  /// Waits for a message; nothing when the call has ended. Not after `listen`.
  std::optional<Response> read();

  /// Hands every further message to `hear`, in a thread, and calls `end` there when the call has ended.
  void listen(std::function<void(const Response&)> hear, std::function<void()> end);

  /// Waits until the call has ended and returns how; what `hear` threw is thrown here.
  grpc::Status finish();

 private:
  void run(const std::function<void(const Response&)>& hear);
  grpc::Status settle();

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<Request, Response>> stream_;
  std::thread thread_;
  std::exception_ptr thrown_;
  std::optional<grpc::Status> status_;
};

}  // namespace pixret
