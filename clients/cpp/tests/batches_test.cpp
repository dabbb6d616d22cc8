#include "batches.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace pixret {
namespace {

Source repeated(Item item, int count) {
  return [item = std::move(item), count]() mutable { return count-- > 0 ? std::optional(item) : std::nullopt; };
}

std::vector<std::pair<std::uint64_t, int>> shapes(const Source& source, const SendOptions& options) {
  Batcher batcher(source, options);
  std::vector<std::pair<std::uint64_t, int>> shapes;
  while (const auto batch = batcher.next()) shapes.emplace_back(batch->offset(), batch->items_size());
  return shapes;
}

using Shapes = std::vector<std::pair<std::uint64_t, int>>;

const Item kPrediction = Prediction{std::string("Кремль"), 7U, Score{0}, Box{1, 2, 3, 4}};

TEST(Batcher, PacksByNumber) {
  SendOptions options;
  options.batch_items = 2;
  EXPECT_EQ(shapes(repeated(kPrediction, 5), options), (Shapes{{0, 2}, {2, 2}, {4, 1}}));
}

TEST(Batcher, PacksByBytes) {
  const Item large = Prediction{0U, 0U, Rank{0}, Rle{1, 1, std::string(400'000, '0')}};
  EXPECT_EQ(shapes(repeated(large, 5), {}), (Shapes{{0, 2}, {2, 2}, {4, 1}}));
  const Item larger = Prediction{0U, 0U, Rank{0}, Rle{1, 1, std::string(2'000'000, '0')}};
  EXPECT_EQ(shapes(repeated(larger, 2), {}), (Shapes{{0, 1}, {1, 1}}));
}

TEST(Batcher, LetsNothingWaitWithoutLinger) {
  SendOptions options;
  options.linger = options.linger.zero();
  EXPECT_EQ(shapes(repeated(kPrediction, 3), options), (Shapes{{0, 1}, {1, 1}, {2, 1}}));
}

TEST(Batcher, PassesOverWhatTheSessionHolds) {
  const auto source = repeated(kPrediction, 5);
  Batcher batcher(source, {});
  batcher.pass_over(3, "");
  const auto batch = batcher.next();
  EXPECT_EQ(batch->offset(), 3U);
  EXPECT_EQ(batch->items_size(), 2);
  EXPECT_FALSE(batcher.next());
}

TEST(Batcher, DigestsAsTheContractSays) {
  // Of pixret.scoring in Python, for the same item once.
  const std::string expected = "d27f8efa21085cfcaeb7af6deeced786e4881c32769774eda2f35842daddbe55";
  const auto source = repeated(kPrediction, 1);
  Batcher batcher(source, {});
  ASSERT_TRUE(batcher.next());
  std::string digest;
  for (const unsigned char byte : batcher.chain_digest()) {
    digest += "0123456789abcdef"[byte >> 4];
    digest += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(digest, expected);
}

TEST(Batcher, RefusesASessionThatHoldsOtherItems) {
  const auto source = repeated(kPrediction, 3);
  EXPECT_THROW(Batcher(source, {}).pass_over(2, std::string(32, '\1')), Error);
  EXPECT_THROW(Batcher(source, {}).pass_over(4, ""), Error);
}

TEST(Batcher, RefusesOptionsThatMakeNoSense) {
  const auto source = repeated(kPrediction, 1);
  SendOptions none, negative;
  none.batch_items = 0;
  negative.linger = std::chrono::nanoseconds(-1);
  EXPECT_THROW(Batcher(source, none), std::invalid_argument);
  EXPECT_THROW(Batcher(source, negative), std::invalid_argument);
}

TEST(Batcher, NamesTheItemThatNoMessageCanCarry) {
  int count = 0;
  const Source source = [&]() -> std::optional<Item> {
    return Prediction{std::string(count++ == 1 ? "\xff" : "fine"), 0U, {}, NoMask{}};
  };
  Batcher batcher(source, {});
  try {
    batcher.next();
    FAIL() << "a name that is not UTF-8 was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "item 1: a name or detail is not UTF-8: \"\\ufffd\"");
  }
}

TEST(Window, IsFullByItemsOrBytesUntilTheyAreAcknowledged) {
  Window window;
  for (std::uint64_t offset = 0; !window.is_full(); offset += 8192) {
    scoring::v1::ItemBatch batch;
    batch.set_offset(offset);
    for (int i = 0; i < 8192; ++i) batch.add_items();
    window.put(std::move(batch));
  }
  EXPECT_EQ(window.batches().back().end, 16384U);
  window.acknowledge(16383);
  EXPECT_EQ(window.batches().size(), 1U);
  EXPECT_FALSE(window.is_full());
}

}  // namespace
}  // namespace pixret
