#include "pixret/client.hpp"

#include <array>
#include <cstdio>
#include <random>

#include "append.hpp"
#include "connection.hpp"
#include "records.hpp"
#include "stream.hpp"

namespace pixret {
namespace {

namespace wire = scoring::v1;
using Stub = wire::ScoringService::Stub;

std::string random_id() {
  std::random_device device;
  std::array<char, 9> text{};
  std::string id;
  for (int i = 0; i < 4; ++i) {
    std::snprintf(text.data(), text.size(), "%08x", device());
    id += text.data();
  }
  return id;
}

/// What all pages hold: `page` returns the response for a token, `part` the repeated field of it.
template <class Page, class Part>
auto collected(Page page, Part part) {
  std::vector<decltype(decode(part(page(std::string{}))[0]))> all;
  for (std::string token;;) {
    const auto response = page(token);
    for (const auto& message : part(response)) all.push_back(decode(message));
    token = response.next_page_token();
    if (token.empty()) return all;
  }
}

}  // namespace

Client::Client(const std::string& address, const ClientOptions& options)
    : connection_(std::make_unique<Connection>(address, options)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

std::vector<Benchmark> Client::benchmarks() {
  std::vector<Benchmark> benchmarks;
  const auto response = connection_->call(&Stub::ListBenchmarks, wire::ListBenchmarksRequest{});
  for (const auto& message : response.benchmarks()) benchmarks.push_back(decode(message));
  return benchmarks;
}

Benchmark Client::benchmark(const std::string& name) {
  wire::GetBenchmarkRequest request;
  request.set_name("benchmarks/" + name);
  request.set_view(wire::BENCHMARK_VIEW_FULL);
  return decode(connection_->call(&Stub::GetBenchmark, request).benchmark());
}

Session Client::create_session(const std::string& benchmark, const SessionOptions& options) {
  wire::CreateSessionRequest request;
  request.set_benchmark("benchmarks/" + benchmark);
  request.set_request_id(options.request_id.empty() ? random_id() : options.request_id);
  request.set_distractor_count(options.distractors);
  request.set_display_name(options.display_name);
  return decode(connection_->call(&Stub::CreateSession, request).session());
}

Session Client::session(const std::string& name) {
  wire::GetSessionRequest request;
  request.set_name(name);
  return decode(connection_->call(&Stub::GetSession, request).session());
}

std::vector<Session> Client::sessions() {
  const auto page = [&](const std::string& token) {
    wire::ListSessionsRequest request;
    request.set_page_token(token);
    return connection_->call(&Stub::ListSessions, request);
  };
  return collected(
      page, [](const auto& response) -> auto& { return response.sessions(); });
}

void Client::delete_session(const std::string& name) {
  wire::DeleteSessionRequest request;
  request.set_name(name);
  connection_->call(&Stub::DeleteSession, request, true);
}

Progress Client::send(const std::string& session, const Source& items, const SendOptions& options) {
  return Stream(*connection_, session, items, options).run();
}

Progress Client::append(const std::string& session, const Source& items, const SendOptions& options) {
  return Append(*connection_, session, items, options).run();
}

Snapshot Client::snapshot(const std::string& session) {
  wire::GetSnapshotRequest request;
  request.set_session(session);
  return decode(connection_->call(&Stub::GetSnapshot, request).snapshot());
}

std::vector<Rejection> Client::rejections(const std::string& session) {
  const auto page = [&](const std::string& token) {
    wire::ListRejectionsRequest request;
    request.set_session(session);
    request.set_page_token(token);
    return connection_->call(&Stub::ListRejections, request);
  };
  return collected(
      page, [](const auto& response) -> auto& { return response.rejections(); });
}

Report Client::finalize(const std::string& session, const Totals& totals) {
  wire::FinalizeSessionRequest request;
  request.set_session(session);
  request.set_item_count(totals.items);
  if (totals.accepted) request.set_accepted_count(*totals.accepted);
  if (totals.rejected) request.set_rejected_count(*totals.rejected);
  request.set_chain_digest(totals.chain_digest);
  const auto response = connection_->call(&Stub::FinalizeSession, request);
  return {response.report_json(), response.report_signature()};
}

}  // namespace pixret
