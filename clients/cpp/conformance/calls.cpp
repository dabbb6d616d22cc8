#include "calls.hpp"

#include <algorithm>

using nlohmann::json;

namespace {

json number(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

}  // namespace

json plain(const pixret::Rejection& rejection) { return {rejection.offset, rejection.reason, rejection.field}; }

json other_calls(pixret::Client& client, const std::string& session) {
  const auto benchmarks = client.benchmarks();
  const auto benchmark = client.benchmark(benchmarks.at(0).name);
  const auto state = client.session(session);
  const auto metrics = client.snapshot(session).protocols.at("medium").strict.segmentation;
  const auto sessions = client.sessions();
  const auto is_this = [&](const pixret::Session& each) { return each.name == session; };
  json made{
      {"benchmarks", json::array()},
      {"query_ids", benchmark.query_ids},
      {"image_ids", benchmark.image_ids},
      {"session", {state.committed, state.accepted, state.rejected}},
      {"listed", std::any_of(sessions.begin(), sessions.end(), is_this)},
      {"metrics", {number(metrics.miou), number(metrics.map_50_95)}},
      {"rejections", json::array()},
  };
  for (const auto& each : benchmarks) {
    made["benchmarks"].push_back(json::array({each.name, each.query_count, each.index_size}));
  }
  for (const auto& each : client.rejections(session)) made["rejections"].push_back(plain(each));
  return made;
}

std::string deleted(pixret::Client& client, const std::string& session) {
  client.delete_session(session);
  try {
    client.session(session);
    return name(pixret::Code::ok);
  } catch (const pixret::Error& error) {
    return name(error.code());
  }
}
