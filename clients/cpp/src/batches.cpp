#include "batches.hpp"

#include <stdexcept>
#include <utility>

#include "items.hpp"

namespace pixret {
namespace {

namespace wire = scoring::v1;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::size_t kWindowItems = std::size_t{16} << 10;
constexpr std::size_t kWindowBytes = std::size_t{64} << 20;

Error conflict(std::uint64_t offset) {
  return Error(Code::already_exists, "the session holds other items below offset " + std::to_string(offset) +
                                         "; send the same, or begin another session");
}

}  // namespace

Batcher::Batcher(const Source& source, const SendOptions& options)
    : source_(source), most_(options.batch_items), linger_(options.linger) {
  if (most_ < 1) throw std::invalid_argument("batch_items must be at least 1, not 0");
  if (linger_ < linger_.zero()) throw std::invalid_argument("linger must not be negative");
}

void Batcher::pass_over(std::uint64_t offset, const std::string& chain) {
  while (taken_ < offset) {
    if (!take()) throw conflict(offset);
  }
  if (!chain.empty() && chain != chain_.digest()) throw conflict(offset);
}

std::optional<wire::ItemBatch> Batcher::next() {
  wire::ItemBatch batch;
  batch.set_offset(taken_ - (left_over_ ? 1 : 0));
  std::size_t bytes = 0;
  auto due = Clock::time_point::max();
  while (static_cast<std::size_t>(batch.items_size()) < most_) {
    auto item = left_over_ ? std::exchange(left_over_, std::nullopt) : take();
    if (!item) break;
    bytes += canonical_.size();
    if (bytes > kBatchBytes && batch.items_size() > 0) {
      left_over_ = std::move(item);
      break;
    }
    *batch.add_items() = *std::move(item);
    const auto now = Clock::now();
    if (batch.items_size() == 1) due = now + linger_;
    if (now >= due) break;
  }
  return batch.items_size() > 0 ? std::optional(std::move(batch)) : std::nullopt;
}

std::optional<wire::Item> Batcher::take() {
  auto item = is_exhausted_ ? std::nullopt : source_();
  if (!item) {
    is_exhausted_ = true;
    return std::nullopt;
  }
  auto message = [&] {
    try {
      return encode(*std::move(item));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("item " + std::to_string(taken_) + ": " + error.what());
    }
  }();
  message.SerializeToString(&canonical_);
  chain_.extend(canonical_);
  ++taken_;
  return message;
}

const wire::StreamPredictionsRequest& Window::put(wire::ItemBatch&& batch) {
  auto& sent = batches_.emplace_back();
  sent.items = static_cast<std::size_t>(batch.items_size());
  sent.end = batch.offset() + sent.items;
  *sent.request.mutable_batch() = std::move(batch);
  sent.bytes = sent.request.ByteSizeLong();
  items_ += sent.items;
  bytes_ += sent.bytes;
  return sent.request;
}

void Window::acknowledge(std::uint64_t offset) {
  while (!batches_.empty() && batches_.front().end <= offset) {
    items_ -= batches_.front().items;
    bytes_ -= batches_.front().bytes;
    batches_.pop_front();
  }
}

bool Window::is_full() const { return items_ >= kWindowItems || bytes_ >= kWindowBytes; }

}  // namespace pixret
