#include "pixret/mask.hpp"

#include <numeric>
#include <stdexcept>

namespace pixret {
namespace {

std::string shape(std::uint32_t height, std::uint32_t width) {
  return std::to_string(height) + " x " + std::to_string(width) + " (height x width)";
}

/// Appends 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the sign.
void append_varint(std::string& counts, std::int64_t value) {
  for (;;) {
    const auto character = static_cast<char>(value & 31);
    value >>= 5;
    if ((value == 0 && (character & 16) == 0) || (value == -1 && (character & 16) != 0)) {
      counts.push_back(static_cast<char>(character + 48));
      return;
    }
    counts.push_back(static_cast<char>((character | 32) + 48));
  }
}

}  // namespace

Rle encode_dense(const std::vector<std::uint8_t>& pixels, std::uint32_t height, std::uint32_t width) {
  if (height < 1 || width < 1 || pixels.size() / height != width || pixels.size() % height != 0) {
    throw std::invalid_argument(std::to_string(pixels.size()) + " pixels are not a mask of " + shape(height, width));
  }
  Runs runs{height, width, {}};
  std::uint32_t run = 0;
  bool foreground = false;
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t at = x; at < pixels.size(); at += width) {
      if ((pixels[at] != 0) != foreground) {
        runs.counts.push_back(run);
        run = 0;
        foreground = !foreground;
      }
      ++run;
    }
  }
  runs.counts.push_back(run);
  return encode_runs(runs);
}

Rle encode_runs(const Runs& runs) {
  const auto& lengths = runs.counts;
  const auto sum = std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0});
  if (runs.height < 1 || runs.width < 1 || sum != std::uint64_t{runs.height} * runs.width) {
    throw std::invalid_argument("the runs sum to " + std::to_string(sum) + ", not to " +
                                shape(runs.height, runs.width));
  }
  Rle rle{runs.height, runs.width, {}};
  rle.counts.reserve(2 * lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    // From the fourth on, as the difference from the run two before.
    append_varint(rle.counts, std::int64_t{lengths[i]} - (i > 2 ? std::int64_t{lengths[i - 2]} : 0));
  }
  return rle;
}

}  // namespace pixret
