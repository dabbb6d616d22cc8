#include "pixret/client.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "certificate.hpp"
#include "details.pb.h"
#include "peer.hpp"

namespace pixret {
namespace {

const std::vector<Item> kItems{Ranking{0U, {1, 2}}};

/// The error that a call ends with.
template <class Attempt>
Error error_of_attempt(Attempt attempt) {
  try {
    attempt();
  } catch (const Error& error) {
    return error;
  }
  return Error(Code::ok, "the call went well");
}

std::string bad_request(const std::string& field, const std::string& description) {
  details::BadRequest bad;
  auto& fault = *bad.add_field_violations();
  fault.set_field(field);
  fault.set_description(description);
  details::Status status;
  auto& other = *status.add_details();
  other.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  auto& detail = *status.add_details();
  detail.set_type_url("type.googleapis.com/google.rpc.BadRequest");
  detail.set_value(bad.SerializeAsString());
  return status.SerializeAsString();
}

TEST(Client, TellsCodeMessageAndFieldsOfARefusal) {
  Peer peer;
  peer.answer = [](grpc::ServerContext&) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no", bad_request("name", "is empty"));
  };
  const auto error = error_of_attempt([&] { Client(peer.address()).benchmarks(); });
  EXPECT_EQ(error.code(), Code::invalid_argument);
  EXPECT_STREQ(error.what(), "no (INVALID_ARGUMENT)");
  EXPECT_EQ(error.fields(), (std::map<std::string, std::string>{{"name", "is empty"}}));
  EXPECT_FALSE(error.is_unavailable());
}

TEST(Client, SendsItsTokenOverTls) {
  const auto [certificate, key] = self_signed("127.0.0.1");
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({key, certificate});
  Peer peer(grpc::SslServerCredentials(tls));
  std::string heard;
  peer.answer = [&](grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("authorization");
    if (found != context.client_metadata().end()) heard.assign(found->second.data(), found->second.size());
    return grpc::Status::OK;
  };
  ClientOptions options;
  options.token = "secret";
  options.tls = Tls{certificate, {}, {}};
  EXPECT_EQ(Client(peer.address(), options).benchmarks().at(0).name, "small");
  EXPECT_EQ(heard, "Bearer secret");
}

TEST(Client, DoesNotSpeakToAServerWhoseCertificateItDoesNotTrust) {
  const auto [certificate, key] = self_signed("127.0.0.1");
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({key, certificate});
  Peer peer(grpc::SslServerCredentials(tls));
  ClientOptions options;
  options.tls = Tls{self_signed("127.0.0.1").certificate, {}, {}};
  const auto error = error_of_attempt([&] { Client(peer.address(), options).benchmarks(); });
  EXPECT_EQ(error.code(), Code::unavailable);
}

TEST(Client, RefusesWhatNoCallCanCarry) {
  ClientOptions line_end, half_a_pair;
  line_end.token = "secret\n";
  half_a_pair.tls = Tls{{}, "certificate", {}};
  EXPECT_THROW(Client("127.0.0.1:1", line_end), std::invalid_argument);
  EXPECT_THROW(Client("127.0.0.1:1", half_a_pair), std::invalid_argument);
}

TEST(Client, GivesACallUpAtItsDeadline) {
  Peer peer;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
  peer.answer = [&](grpc::ServerContext&) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_done; });
    return grpc::Status::OK;
  };
  ClientOptions options;
  options.timeout = std::chrono::milliseconds(50);
  const auto error = error_of_attempt([&] { Client(peer.address(), options).benchmarks(); });
  {
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_all();
  }
  EXPECT_EQ(error.code(), Code::deadline_exceeded);
}

TEST(Client, TellsThatNobodyListens) {
  const auto error = error_of_attempt([] { Client("127.0.0.1:1").benchmarks(); });
  EXPECT_EQ(error.code(), Code::unavailable);
  EXPECT_TRUE(error.is_unavailable());
}

TEST(Client, ReadsAllPages) {
  Peer peer;
  const auto sessions = Client(peer.address()).sessions();
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[1].name, "sessions/2");
}

TEST(Client, AppendsAgainWhenTheServerWasAway) {
  Peer peer;
  int calls = 0;
  peer.answer = [&](grpc::ServerContext&) {
    return calls++ == 0 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "away") : grpc::Status::OK;
  };
  EXPECT_EQ(Client(peer.address()).append("sessions/1", items_between(kItems.begin(), kItems.end())).committed, 1U);
  EXPECT_EQ(calls, 2);
}

TEST(Client, GivesUpWhenPatienceEnds) {
  Peer peer;
  peer.answer = [](grpc::ServerContext&) { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"); };
  SendOptions options;
  options.patience = std::chrono::milliseconds(100);
  const auto source = items_between(kItems.begin(), kItems.end());
  const auto error = error_of_attempt([&] { Client(peer.address()).append("sessions/1", source, options); });
  EXPECT_EQ(error.code(), Code::unavailable);
}

TEST(Client, SaysThatAServerForgotWhatItAcknowledged) {
  Peer peer;
  peer.answer = [](grpc::ServerContext&) { return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "a gap"); };
  const std::vector<Item> items{Ranking{0U, {1, 2}}};
  const auto error =
      error_of_attempt([&] { Client(peer.address()).append("sessions/1", items_between(items.begin(), items.end())); });
  EXPECT_EQ(error.code(), Code::data_loss);
}

}  // namespace
}  // namespace pixret
