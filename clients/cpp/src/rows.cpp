#include "rows.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace pixret {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 11> kColumns{"query_id", "query_index", "image_id",     "image_index",
                                                    "score",    "rank",        "segmentation", "polygons",
                                                    "bbox",     "level",       "area"};
constexpr std::size_t kExcerpt = 60;

std::string excerpt(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, kExcerpt);
}

SubmissionError none(const std::string& column, const json& value, const char* expected) {
  return SubmissionError(column + " is " + excerpt(value) + ", which is no " + expected);
}

/// The value of a column, null when it is not there.
const json& at(const json& row, const std::string& column) {
  static const json null;
  const auto found = row.find(column);
  return found == row.end() ? null : *found;
}

bool is_index(const json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() <= std::numeric_limits<std::uint32_t>::max();
}

bool are_indices(const json& values) {
  return values.is_array() && std::all_of(values.begin(), values.end(), is_index);
}

std::vector<double> to_numbers(const std::string& column, const json& values) {
  const auto is_number = [](const json& value) { return value.is_number(); };
  if (!values.is_array() || !std::all_of(values.begin(), values.end(), is_number)) {
    throw none(column, values, "list of numbers");
  }
  return values.get<std::vector<double>>();
}

Order to_order(const json& row) {
  const auto &score = at(row, "score"), &rank = at(row, "rank");
  if (!score.is_null() && !rank.is_null()) {
    throw SubmissionError("score " + excerpt(score) + " and rank " + excerpt(rank) + " are both given; give one");
  }
  if (!rank.is_null()) return Rank{to_index("rank", rank)};
  if (score.is_null()) return std::monostate{};
  if (!score.is_number()) throw none("score", score, "number");
  return Score{score.get<double>()};
}

/// A COCO RLE. What the wire cannot carry becomes unreadable, for the server to refuse by name.
Region to_mask(json& segmentation) {
  for (const auto& [key, value] : segmentation.items()) {
    if (key != "size" && key != "counts") throw SubmissionError("segmentation has no " + key + "; it has size, counts");
  }
  const auto& size = at(segmentation, "size");
  if (size.size() != 2 || !are_indices(size)) return Unreadable{"size " + excerpt(size) + " is not [height, width]"};
  const auto height = size[0].get<std::uint32_t>(), width = size[1].get<std::uint32_t>();
  const auto& counts = at(segmentation, "counts");
  if (counts.is_string()) return Rle{height, width, std::move(segmentation["counts"].get_ref<std::string&>())};
  if (are_indices(counts)) return Runs{height, width, counts.get<std::vector<std::uint32_t>>()};
  return Unreadable{"counts are neither a string nor a list of lengths"};
}

Region to_polygons(const json& polygons) {
  if (!polygons.is_array()) throw none("polygons", polygons, "list of lists of numbers");
  Polygons region;
  for (const auto& outline : polygons) region.outlines.push_back(to_numbers("polygons", outline));
  return region;
}

Region to_box(const json& bbox) {
  const auto box = to_numbers("bbox", bbox);
  if (box.size() == 4) return Box{box[0], box[1], box[2], box[3]};
  std::string listed;
  for (const auto side : box) listed += (listed.empty() ? "" : ", ") + json(side).dump();
  return Unreadable{"bbox [" + listed + "] is not [x, y, width, height]"};
}

Region to_region(json& row) {
  if (const auto found = row.find("segmentation"); found != row.end() && !found->is_null()) {
    if (!found->is_object()) throw none("segmentation", *found, "object of size and counts");
    return to_mask(*found);
  }
  if (const auto& polygons = at(row, "polygons"); !polygons.is_null()) return to_polygons(polygons);
  if (const auto& bbox = at(row, "bbox"); !bbox.is_null()) return to_box(bbox);
  return NoMask{};
}

void check_columns(const json& row) {
  for (const auto& [key, value] : row.items()) {
    if (std::find(kColumns.begin(), kColumns.end(), key) != kColumns.end()) continue;
    std::string known;
    for (const auto column : kColumns) known.append(known.empty() ? "" : ", ").append(column);
    throw SubmissionError("unknown column " + key + "; a row has " + known);
  }
}

}  // namespace

std::optional<json> Rows::next() {
  while (std::getline(lines_, line_)) {
    ++number_;
    if (line_.find_first_not_of(" \t\r") != std::string::npos) return parse();
  }
  if (lines_.bad()) throw SubmissionError("reading failed after line " + std::to_string(number_));
  return std::nullopt;
}

json Rows::parse() const {
  try {
    auto row = json::parse(line_);
    if (!row.is_object()) throw fault("a row is a JSON object, not " + excerpt(row));
    return row;
  } catch (const json::parse_error& error) {
    throw fault("this is no JSON object from character " + std::to_string(error.byte) + " on");
  } catch (const json::exception&) {
    throw fault("a number is too large");  // all else that can be wrong with JSON
  }
}

SubmissionError Rows::fault(const std::string& message) const {
  return SubmissionError("line " + std::to_string(number_) + ": " + message);
}

Prediction to_prediction(json& row) {
  check_columns(row);
  return {to_ref(row, "query"), to_ref(row, "image"), to_order(row), to_region(row)};
}

Ref to_ref(const json& row, const std::string& what) {
  if (const auto& id = at(row, what + "_id"); !id.is_null()) {
    if (!id.is_string()) throw none(what + "_id", id, "name");
    return id.get<std::string>();
  }
  if (const auto& index = at(row, what + "_index"); !index.is_null()) return to_index(what + "_index", index);
  throw SubmissionError("neither " + what + "_id nor " + what + "_index is given");
}

std::uint32_t to_index(const std::string& column, const json& value) {
  if (!is_index(value)) throw none(column, value, "whole number from 0 to 4294967295");
  return value.get<std::uint32_t>();
}

Source read_submission(std::istream& lines) {
  return [rows = Rows(lines)]() mutable -> std::optional<Item> {
    auto row = rows.next();
    if (!row) return std::nullopt;
    try {
      return to_prediction(*row);
    } catch (const SubmissionError& error) {
      throw rows.fault(error.what());
    }
  };
}

}  // namespace pixret
