#include "call.hpp"

#include <utility>

namespace pixret {

Call::Call(Connection& connection, std::optional<std::chrono::system_clock::time_point> deadline) {
  connection.authorize(context_);
  if (deadline) context_.set_deadline(*deadline);
  stream_ = connection.stub().StreamPredictions(&context_);
}

Call::~Call() {
  if (status_) return;
  context_.TryCancel();
  settle();
}

std::optional<Call::Response> Call::read() {
  Response response;
  return stream_->Read(&response) ? std::optional(std::move(response)) : std::nullopt;
}

void Call::listen(std::function<void(const Response&)> hear, std::function<void()> end) {
  thread_ = std::thread([this, hear = std::move(hear), end = std::move(end)] {
    try {
      run(hear);
    } catch (...) {
      thrown_ = std::current_exception();
      context_.TryCancel();
    }
    end();
  });
}

void Call::run(const std::function<void(const Response&)>& hear) {
  for (Response response; stream_->Read(&response);) hear(response);
}

grpc::Status Call::finish() {
  auto status = settle();
  if (thrown_) std::rethrow_exception(thrown_);
  return status;
}

grpc::Status Call::settle() {
  if (thread_.joinable()) thread_.join();
  if (!status_) {
    for (Response response; stream_->Read(&response);) {
    }
    status_ = stream_->Finish();
  }
  return *status_;
}

}  // namespace pixret
