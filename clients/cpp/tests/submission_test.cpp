#include "pixret/submission.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace pixret {
namespace {

const std::string kNames = R"("query_id": "q", "image_index": 3)";

Prediction read_one(const std::string& columns) {
  std::istringstream lines("{" + kNames + columns + "}\n");
  return std::get<Prediction>(read_submission(lines)().value());
}

std::string fault_of(const std::string& text) {
  std::istringstream lines(text);
  const auto source = read_submission(lines);
  try {
    while (source()) {
    }
  } catch (const SubmissionError& error) {
    return error.what();
  }
  return "none";
}

std::string unreadable(const std::string& columns) { return std::get<Unreadable>(read_one(columns).region).detail; }

TEST(Submission, ARowIsAPrediction) {
  const auto prediction = read_one(R"(, "score": 1, "bbox": [1, 2, 3, 4.5], "level": "easy", "area": 2.5)");
  EXPECT_EQ(std::get<std::string>(prediction.query), "q");
  EXPECT_EQ(std::get<std::uint32_t>(prediction.image), 3U);
  EXPECT_EQ(std::get<Score>(prediction.order).value, 1.0);
  EXPECT_EQ(std::get<Box>(prediction.region).height, 4.5);
}

TEST(Submission, MasksOfAllForms) {
  EXPECT_EQ(std::get<Rle>(read_one(R"(, "segmentation": {"size": [2, 3], "counts": "06"})").region).counts, "06");
  EXPECT_EQ(std::get<Runs>(read_one(R"(, "segmentation": {"size": [2, 3], "counts": [0, 6]})").region).counts,
            (std::vector<std::uint32_t>{0, 6}));
  EXPECT_EQ(std::get<Polygons>(read_one(R"(, "polygons": [[1, 2]], "segmentation": null)").region).outlines,
            (std::vector<std::vector<double>>{{1, 2}}));
  EXPECT_TRUE(std::holds_alternative<NoMask>(read_one("").region));
}

TEST(Submission, WhatTheWireCannotCarryIsUnreadable) {
  EXPECT_EQ(unreadable(R"(, "bbox": [1.5, 2, 3])"), "bbox [1.5, 2.0, 3.0] is not [x, y, width, height]");
  EXPECT_EQ(unreadable(R"(, "segmentation": {"size": [2, -3], "counts": "06"})"), "size [2,-3] is not [height, width]");
  EXPECT_EQ(unreadable(R"(, "segmentation": {"size": [2, 3], "counts": [0, -6]})"),
            "counts are neither a string nor a list of lengths");
}

TEST(Submission, EmptyLinesAreCountedAndNoRows) {
  EXPECT_EQ(fault_of("\xef\xbb\xbf{" + kNames + "}\r\n\n  \n{" + kNames + "}"), "none");
  EXPECT_EQ(fault_of("{" + kNames + "}\n\n[1]\n"), "line 3: a row is a JSON object, not [1]");
}

TEST(Submission, FaultsNameTheLine) {
  EXPECT_EQ(fault_of("{" + kNames + "} {}"), "line 1: this is no JSON object from character 37 on");
  EXPECT_EQ(fault_of("{\"score\": 1e999}"), "line 1: a number is too large");
  EXPECT_EQ(fault_of(R"({"query_id": "q"})"), "line 1: neither image_id nor image_index is given");
  EXPECT_EQ(fault_of(R"({"query_id": 1, "image_id": "i"})"), "line 1: query_id is 1, which is no name");
  EXPECT_EQ(fault_of(R"({"query_index": -1, "image_id": "i"})"),
            "line 1: query_index is -1, which is no whole number from 0 to 4294967295");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "score": 0.5, "rank": 1})"),
            "line 1: score 0.5 and rank 1 are both given; give one");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "score": "high"})"), "line 1: score is \"high\", which is no number");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "bbox": 4})"), "line 1: bbox is 4, which is no list of numbers");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "polygons": 4})"),
            "line 1: polygons is 4, which is no list of lists of numbers");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "segmentation": 4})"),
            "line 1: segmentation is 4, which is no object of size and counts");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "segmentation": {"sise": 4}})"),
            "line 1: segmentation has no sise; it has size, counts");
  EXPECT_EQ(fault_of("{" + kNames + R"(, "scroe": 4})").substr(0, 49),
            "line 1: unknown column scroe; a row has query_id,");
}

}  // namespace
}  // namespace pixret
