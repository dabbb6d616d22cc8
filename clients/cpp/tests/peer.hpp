#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "pixret/scoring/v1/scoring.grpc.pb.h"

namespace pixret {

/// A gRPC server in this process, which plays what no real server would do when it is asked to.
class Peer final : public scoring::v1::ScoringService::Service {
 public:
  using Flow = grpc::ServerReaderWriter<scoring::v1::StreamPredictionsResponse, scoring::v1::StreamPredictionsRequest>;
  using Part = std::function<grpc::Status(Flow&)>;

  explicit Peer(const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Peer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Answers the next stream.
  void play(Part part) { parts_.push_back(std::move(part)); }

  /// How every unary call of the tests is answered.
  std::function<grpc::Status(grpc::ServerContext&)> answer = [](grpc::ServerContext&) { return grpc::Status::OK; };

  grpc::Status ListBenchmarks(grpc::ServerContext* context, const scoring::v1::ListBenchmarksRequest*,
                              scoring::v1::ListBenchmarksResponse* response) override {
    response->add_benchmarks()->set_name("benchmarks/small");
    return answer(*context);
  }

  grpc::Status ListSessions(grpc::ServerContext*, const scoring::v1::ListSessionsRequest* request,
                            scoring::v1::ListSessionsResponse* response) override {
    response->add_sessions()->set_name("sessions/" + request->page_token());
    if (request->page_token().empty()) response->set_next_page_token("2");
    return grpc::Status::OK;
  }

  grpc::Status GetSession(grpc::ServerContext*, const scoring::v1::GetSessionRequest*,
                          scoring::v1::GetSessionResponse*) override {
    return grpc::Status::OK;
  }

  grpc::Status AppendPredictions(grpc::ServerContext* context, const scoring::v1::AppendPredictionsRequest*,
                                 scoring::v1::AppendPredictionsResponse*) override {
    return answer(*context);
  }

  grpc::Status GetSnapshot(grpc::ServerContext*, const scoring::v1::GetSnapshotRequest*,
                           scoring::v1::GetSnapshotResponse* response) override {
    response->mutable_snapshot()->set_offset(1);
    return grpc::Status::OK;
  }

  grpc::Status StreamPredictions(grpc::ServerContext*, Flow* flow) override {
    if (parts_.empty()) return {grpc::StatusCode::UNIMPLEMENTED, "nobody expected one more stream"};
    const auto part = std::move(parts_.front());
    parts_.pop_front();
    return part(*flow);
  }

 private:
  int port_ = 0;
  std::deque<Part> parts_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace pixret
