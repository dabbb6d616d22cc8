#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <vector>

#include "peer.hpp"
#include "pixret/client.hpp"

namespace pixret {
namespace {

namespace wire = scoring::v1;
using grpc::Status;
using grpc::StatusCode;

Source rankings(std::uint32_t count) {
  return [query = 0U, count]() mutable -> std::optional<Item> {
    return query < count ? std::optional<Item>(Ranking{query++, {1, 2}}) : std::nullopt;
  };
}

void attach(Peer::Flow& flow, std::uint64_t offset = 0) {
  wire::StreamPredictionsRequest request;
  flow.Read(&request);
  wire::StreamPredictionsResponse response;
  response.mutable_attached()->mutable_session()->set_committed_offset(offset);
  flow.Write(response);
}

/// Takes a batch and returns its offset.
std::uint64_t take(Peer::Flow& flow) {
  wire::StreamPredictionsRequest request;
  flow.Read(&request);
  EXPECT_TRUE(request.has_batch());
  return request.batch().offset();
}

void acknowledge(Peer::Flow& flow, std::uint64_t offset) {
  wire::StreamPredictionsResponse response;
  response.mutable_ack()->set_committed_offset(offset);
  flow.Write(response);
}

void reject(Peer::Flow& flow, std::uint64_t offset) {
  wire::StreamPredictionsResponse response;
  response.mutable_rejections()->add_rejections()->set_offset(offset);
  flow.Write(response);
}

/// Answers the flush that must come.
Status end(Peer::Flow& flow, std::uint64_t offset) {
  wire::StreamPredictionsRequest request;
  flow.Read(&request);
  EXPECT_TRUE(request.has_flush());
  wire::StreamPredictionsResponse response;
  response.mutable_snapshot()->set_offset(offset);
  response.mutable_snapshot()->set_flush_tag(request.flush().tag());
  flow.Write(response);
  return Status::OK;
}

const Status kGone(StatusCode::UNAVAILABLE, "gone");

class StreamTest : public testing::Test {
 protected:
  /// The code of the error that sending ends with.
  Code refused(const Source& source) {
    try {
      Client(peer.address()).send("sessions/1", source, options);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::ok;
  }

  Peer peer;
  SendOptions options;
};

TEST_F(StreamTest, SendsAgainWhatWasNotAcknowledgedAndTellsARejectionOnce) {
  options.batch_items = 2;
  std::vector<std::uint64_t> rejected;
  options.on_rejection = [&](const Rejection& rejection) { rejected.push_back(rejection.offset); };
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    EXPECT_EQ(take(flow), 0U);
    reject(flow, 1);
    acknowledge(flow, 2);
    EXPECT_EQ(take(flow), 2U);
    reject(flow, 3);
    return kGone;
  });
  peer.play([](Peer::Flow& flow) {
    attach(flow, 4);  // it has the second batch, but the client did not hear so
    auto offset = take(flow);
    if (offset == 0) offset = take(flow);  // sent again when the source was faster than the first acknowledgement
    EXPECT_EQ(offset, 2U);
    reject(flow, 3);
    acknowledge(flow, 4);
    return end(flow, 4);
  });
  EXPECT_EQ(Client(peer.address()).send("sessions/1", rankings(4), options).committed, 4U);
  EXPECT_EQ(rejected, (std::vector<std::uint64_t>{1, 3}));
}

TEST_F(StreamTest, DoesNotGoOnWithAServerThatForgot) {
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    take(flow);
    acknowledge(flow, 3);
    return kGone;
  });
  peer.play([](Peer::Flow& flow) {
    attach(flow, 2);
    return kGone;
  });
  EXPECT_EQ(refused(rankings(3)), Code::data_loss);
}

TEST_F(StreamTest, TakesTheEndOfAStreamForAServerThatStops) {
  const auto leave = [](Peer::Flow& flow) {
    attach(flow);
    return Status::OK;
  };
  peer.play(leave);
  options.patience = std::chrono::milliseconds(0);
  EXPECT_EQ(refused(rankings(1)), Code::unavailable);
}

TEST_F(StreamTest, GoesOnAfterNothingButAServerThatIsAway) {
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    return Status(StatusCode::INTERNAL, "masks could not be measured");
  });
  EXPECT_EQ(refused(rankings(1)), Code::internal);
}

TEST_F(StreamTest, EndsAtItsDeadlineThoughTheWindowIsFull) {
  options.deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(500);
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    for (wire::StreamPredictionsRequest request; flow.Read(&request);) {  // and acknowledge nothing
    }
    return Status::OK;
  });
  const Source endless = [] { return Ranking{0U, {1, 2}}; };
  EXPECT_EQ(refused(endless), Code::deadline_exceeded);
}

TEST_F(StreamTest, ThrowsWhatACallbackThrows) {
  options.on_rejection = [](const Rejection&) { throw std::domain_error("enough"); };
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    take(flow);
    reject(flow, 0);
    for (wire::StreamPredictionsRequest request; flow.Read(&request);) {
    }
    return Status::OK;
  });
  EXPECT_THROW(Client(peer.address()).send("sessions/1", rankings(1), options), std::domain_error);
}

TEST_F(StreamTest, ThrowsWhatTheSourceThrows) {
  peer.play([](Peer::Flow& flow) {
    attach(flow);
    for (wire::StreamPredictionsRequest request; flow.Read(&request);) {
    }
    return Status::OK;
  });
  const Source broken = []() -> std::optional<Item> { throw std::domain_error("no more"); };
  EXPECT_THROW(Client(peer.address()).send("sessions/1", broken), std::domain_error);
}

}  // namespace
}  // namespace pixret
