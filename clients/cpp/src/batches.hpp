#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "chain.hpp"
#include "pixret/client.hpp"
#include "pixret/scoring/v1/scoring.pb.h"

namespace pixret {

/// Takes items from a source, digests them, and packs them into batches by their number, their size, and how long the
/// first has waited. There is no timer: a batch that has waited goes out with the next item, or with the end.
class Batcher {
 public:
  Batcher(const Source& source, const SendOptions& options);

  /// Passes over the items that a session holds already. An Error when it holds others; no `chain` is not compared.
  void pass_over(std::uint64_t offset, const std::string& chain);

  /// The next batch, of items that were not passed over; nothing after the last.
  std::optional<scoring::v1::ItemBatch> next();

  /// Digest of all items that were taken.
  const std::string& chain_digest() const { return chain_.digest(); }

 private:
  std::optional<scoring::v1::Item> take();

  const Source& source_;
  const std::size_t most_;
  const std::chrono::nanoseconds linger_;
  Chain chain_;
  std::uint64_t taken_ = 0;
  bool is_exhausted_ = false;
  std::string canonical_;                       // bytes of the item that was taken last
  std::optional<scoring::v1::Item> left_over_;  // that item, when it did not fit into its batch
};

/// A batch that is not acknowledged, as the message that carries it.
struct Sent {
  scoring::v1::StreamPredictionsRequest request;
  std::uint64_t end = 0;  // offset after its last item
  std::size_t items = 0, bytes = 0;
};

/// The batches that were read and are not acknowledged yet, so that they can be sent again.
class Window {
 public:
  /// Adds a batch, and returns the message that carries it.
  const scoring::v1::StreamPredictionsRequest& put(scoring::v1::ItemBatch&& batch);

  /// Lets go of the batches that end at or below an offset.
  void acknowledge(std::uint64_t offset);

  /// Whether nothing more should be read before something is acknowledged.
  bool is_full() const;

  const std::deque<Sent>& batches() const { return batches_; }

 private:
  std::deque<Sent> batches_;
  std::size_t items_ = 0, bytes_ = 0;
};

}  // namespace pixret
