#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "errors.hpp"
#include "pixret/client.hpp"
#include "pixret/scoring/v1/scoring.grpc.pb.h"

namespace pixret {

/// A channel to a server, and what goes with every call.
class Connection {
 public:
  using Stub = scoring::v1::ScoringService::Stub;

  Connection(const std::string& address, const ClientOptions& options);

  /// Makes one unary call, which has until a deadline at most; an Error when it fails.
  template <class Request, class Response>
  Response call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                std::optional<std::chrono::system_clock::time_point> deadline = std::nullopt) {
    grpc::ClientContext context;
    authorize(context);
    const auto timely = std::chrono::system_clock::now() + timeout_;
    context.set_deadline(deadline ? std::min<std::chrono::system_clock::time_point>(timely, *deadline) : timely);
    Response response;
    if (const auto status = (stub_.get()->*method)(&context, request, &response); !status.ok()) throw error_of(status);
    return response;
  }

  /// Lets a call show who it is from.
  void authorize(grpc::ClientContext& context) const;

  Stub& stub() { return *stub_; }

 private:
  std::string token_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace pixret
