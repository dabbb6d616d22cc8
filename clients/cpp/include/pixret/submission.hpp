#pragma once

#include <istream>

#include "pixret/errors.hpp"
#include "pixret/items.hpp"

namespace pixret {

/// The predictions of a submission in JSON Lines, one object a line. The source throws a SubmissionError that names the
/// line of what is none. The stream must outlive it.
Source read_submission(std::istream& lines);

}  // namespace pixret
