/// The driver of this client: does one job and says how it went, as tests/conformance/README.md of pixret describes.
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <pixret/client.hpp>

#include "calls.hpp"
#include "rows.hpp"

namespace {

using nlohmann::json;

std::chrono::nanoseconds seconds(const json& value) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(value.get<double>()));
}

std::chrono::milliseconds milliseconds(const json& value) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(seconds(value));
}

/// The text of a file; nothing for null.
std::string contents(const json& path) {
  if (path.is_null()) return {};
  std::ifstream file(path.get<std::string>(), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A row of a submission, or one of the two forms that submissions do not have.
pixret::Item to_item(json& row) {
  if (const auto found = row.find("ranking"); found != row.end()) {
    return pixret::Ranking{pixret::to_ref(row, "query"), found->get<std::vector<std::uint32_t>>()};
  }
  const bool unset = row.erase("unset") > 0;
  auto prediction = pixret::to_prediction(row);
  if (unset) prediction.region = std::monostate{};
  return prediction;
}

pixret::Source items(std::istream& lines) {
  return [rows = pixret::Rows(lines)]() mutable -> std::optional<pixret::Item> {
    auto row = rows.next();
    return row ? std::optional(to_item(*row)) : std::nullopt;
  };
}

pixret::Progress send(pixret::Client& client, const std::string& session, const json& job, json& result) {
  pixret::SendOptions options;
  options.batch_items = job["batch_items"];
  if (const auto linger = job.value("linger", json()); !linger.is_null()) options.linger = seconds(linger);
  if (const auto& interval = job["snapshot_interval"]; !interval.is_null())
    options.snapshot_interval = seconds(interval);
  options.on_snapshot = [&](const pixret::Snapshot& snapshot) { result["snapshots"].push_back(snapshot.offset); };
  options.on_rejection = [&](const pixret::Rejection& refused) { result["rejections"].push_back(plain(refused)); };
  std::ifstream file;
  if (const auto& patience = job["patience"]; !patience.is_null()) options.patience = milliseconds(patience);
  if (job["items"] != "-") file.open(job["items"].get<std::string>());
  const auto source = items(job["items"] == "-" ? std::cin : file);
  return job["transport"] == "unary" ? client.append(session, source, options) : client.send(session, source, options);
}

std::string opened(pixret::Client& client, const json& job) {
  if (const auto session = job.value("session", json()); !session.is_null()) return session;
  pixret::SessionOptions options;
  options.distractors = job["distractors"];
  return client.create_session(job["benchmark"], options).name;
}

void run(pixret::Client& client, const json& job, json& result) {
  const bool calls = job["calls"];
  if (calls) client.benchmarks();
  const auto session = opened(client, job);
  const auto progress = send(client, session, job, result);
  result["received"] = progress.committed;
  if (calls) result["calls"] = other_calls(client, session);
  auto totals = progress.totals();
  if (!job["claim"].is_null()) totals.items = job["claim"];
  result["report"] = client.finalize(session, totals).json;
  if (calls) result["calls"]["deleted"] = deleted(client, session);
}

json drive(const json& job) {
  json result{{"report", nullptr},           {"error", nullptr},          {"received", 0}, {"calls", nullptr},
              {"rejections", json::array()}, {"snapshots", json::array()}};
  pixret::ClientOptions options;
  if (!job["token"].is_null()) options.token = job["token"];
  if (const auto& tls = job["tls"]; !tls.is_null()) {
    options.tls = pixret::Tls{contents(tls["ca"]), contents(tls["certificate"]), contents(tls["key"])};
  }
  if (const auto& patience = job["patience"]; !patience.is_null()) options.patience = milliseconds(patience);
  try {
    pixret::Client client(job["server"], options);
    run(client, job, result);
  } catch (const pixret::Error& error) {
    result["error"] = {{"code", name(error.code())}, {"message", error.message()}};
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);  // reads standard input as it comes, and by the block
  try {
    if (argc != 2) throw std::invalid_argument("usage: pixret-driver JOB.json");
    std::cout << drive(json::parse(std::ifstream(argv[1]))) << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
