#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pixret {

/// A mask as COCO compressed run lengths, column by column, background first.
struct Rle {
  std::uint32_t height = 0, width = 0;
  std::string counts;
};

/// A mask as uncompressed run lengths, column by column, background first.
struct Runs {
  std::uint32_t height = 0, width = 0;
  std::vector<std::uint32_t> counts;
};

/// Encodes height x width pixels in row-major order; whatever is not zero is foreground. The counts are byte for byte
/// those of pycocotools. std::invalid_argument when there are not so many pixels.
Rle encode_dense(const std::vector<std::uint8_t>& pixels, std::uint32_t height, std::uint32_t width);

/// Compresses run lengths. std::invalid_argument when they do not sum to height x width.
Rle encode_runs(const Runs& runs);

}  // namespace pixret
