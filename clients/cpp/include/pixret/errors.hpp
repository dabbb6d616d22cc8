#pragma once

#include <map>
#include <stdexcept>
#include <string>

namespace pixret {

/// gRPC's codes.
enum class Code {
  ok,
  cancelled,
  unknown,
  invalid_argument,
  deadline_exceeded,
  not_found,
  already_exists,
  permission_denied,
  resource_exhausted,
  failed_precondition,
  aborted,
  out_of_range,
  unimplemented,
  internal,
  unavailable,
  data_loss,
  unauthenticated,
};

/// gRPC's own name of a code, as in FAILED_PRECONDITION.
const char* name(Code code);

/// A call that the server refused, or that did not reach it.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message, std::map<std::string, std::string> fields = {});

  Code code() const { return code_; }
  /// What the server says, without the code.
  const std::string& message() const { return message_; }
  /// What is wrong with which field, where the server told so.
  const std::map<std::string, std::string>& fields() const { return fields_; }
  /// Whether the server was not reached or is about to stop: the same call may go through later.
  bool is_unavailable() const { return code_ == Code::unavailable || code_ == Code::cancelled; }

 private:
  Code code_;
  std::string message_;
  std::map<std::string, std::string> fields_;
};

/// A submission that cannot be read; the message names the line.
class SubmissionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace pixret
