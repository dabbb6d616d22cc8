#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "errors.hpp"
#include "patience.hpp"
#include "pixret/client.hpp"
#include "pixret/scoring/v1/scoring.grpc.pb.h"

namespace pixret {

/// A channel to a server, and what goes with every call.
class Connection {
 public:
  using Stub = scoring::v1::ScoringService::Stub;

  Connection(const std::string& address, const ClientOptions& options);

  template <class Request, class Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  /// Makes one unary call, and makes it again while a server that has answered is away: all may be repeated. One that
  /// `forgets` what it names has done so when it is not found any more. An Error when it fails. A server that never
  /// answered is not waited for, since its address is probably wrong.
  template <class Request, class Response>
  Response call(Method<Request, Response> method, const Request& request, bool forgets = false) {
    Patience patience(patience_);
    for (bool is_repeated = false;; is_repeated = true) {
      try {
        return attempt(method, request);
      } catch (const Error& error) {
        if (forgets && is_repeated && error.code() == Code::not_found) return {};  // the answer of the first was lost
        if (!error.is_unavailable() || !was_reached_ || !patience.wait()) throw;
      }
    }
  }

  /// Makes one unary call once, which has until a deadline at most; an Error when it fails.
  template <class Request, class Response>
  Response attempt(Method<Request, Response> method, const Request& request,
                   std::optional<std::chrono::system_clock::time_point> deadline = std::nullopt) {
    grpc::ClientContext context;
    authorize(context);
    const auto timely = std::chrono::system_clock::now() + timeout_;
    context.set_deadline(deadline ? std::min<std::chrono::system_clock::time_point>(timely, *deadline) : timely);
    Response response;
    const auto status = (stub_.get()->*method)(&context, request, &response);
    const auto error = error_of(status);
    if (!error.is_unavailable() && error.code() != Code::deadline_exceeded) note_answer();
    if (!status.ok()) throw error;
    return response;
  }

  /// Takes note that the server is there.
  void note_answer() { was_reached_ = true; }

  /// Lets a call show who it is from.
  void authorize(grpc::ClientContext& context) const;

  Stub& stub() { return *stub_; }

 private:
  std::string token_;
  std::chrono::milliseconds timeout_, patience_;
  std::atomic<bool> was_reached_ = false;
  std::unique_ptr<Stub> stub_;
};

}  // namespace pixret
