#include "pixret/mask.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace pixret {
namespace {

TEST(Mask, CountsAreThoseOfPycocotools) {
  const auto vectors = nlohmann::json::parse(std::ifstream(PIXRET_MASKS));
  ASSERT_FALSE(vectors.empty());
  for (const auto& want : vectors) {
    const std::uint32_t height = want["height"], width = want["width"];
    EXPECT_EQ(encode_runs({height, width, want["runs"]}).counts, want["counts"]);
    std::vector<std::uint8_t> pixels;
    for (const auto& row : want["rows"]) {
      for (const auto pixel : row.get<std::string>()) pixels.push_back(pixel != '0');
    }
    if (!pixels.empty()) {
      EXPECT_EQ(encode_dense(pixels, height, width).counts, want["counts"]);
    }
  }
}

TEST(Mask, WhatIsNoMaskIsRefused) {
  EXPECT_THROW(encode_dense({0, 0, 0, 0, 0}, 2, 3), std::invalid_argument);
  EXPECT_THROW(encode_dense({}, 0, 0), std::invalid_argument);
  EXPECT_THROW(encode_runs({2, 2, {1, 2}}), std::invalid_argument);
}

}  // namespace
}  // namespace pixret
