#pragma once

#include <cstddef>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pixret/items.hpp"
#include "pixret/submission.hpp"

namespace pixret {

/// The objects of JSON Lines; empty lines are passed over.
class Rows {
 public:
  explicit Rows(std::istream& lines) : lines_(lines) {}

  /// The next object, and nothing after the last; a SubmissionError that names the line of what is none.
  std::optional<nlohmann::json> next();

  /// What is wrong with the line that came last.
  SubmissionError fault(const std::string& message) const;

 private:
  nlohmann::json parse() const;

  std::istream& lines_;
  std::string line_;
  std::size_t number_ = 0;
};

/// The prediction that a row stands for, which may be taken apart. A SubmissionError when it lacks a name, has two
/// orders, or a column that there is not.
Prediction to_prediction(nlohmann::json& row);

/// The query or the index image of a row, by id or by index.
Ref to_ref(const nlohmann::json& row, const std::string& what);

/// A position, rank, side or run; a SubmissionError names the column when it is none.
std::uint32_t to_index(const std::string& column, const nlohmann::json& value);

}  // namespace pixret
