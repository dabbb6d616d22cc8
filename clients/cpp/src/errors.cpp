#include "errors.hpp"

#include <array>

#include "details.pb.h"

namespace pixret {
namespace {

constexpr std::array kNames{
    "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED",
};
constexpr char kBadRequest[] = "/google.rpc.BadRequest";

std::map<std::string, std::string> fields_of(const std::string& trailer) {
  std::map<std::string, std::string> fields;
  details::Status status;
  if (!status.ParseFromString(trailer)) return fields;
  for (const auto& detail : status.details()) {
    const auto& type = detail.type_url();
    const auto slash = type.rfind('/');
    details::BadRequest bad;
    if (slash == std::string::npos || type.substr(slash) != kBadRequest || !bad.ParseFromString(detail.value())) {
      continue;
    }
    for (const auto& fault : bad.field_violations()) fields.emplace(fault.field(), fault.description());
  }
  return fields;
}

}  // namespace

const char* name(Code code) {
  const auto number = static_cast<std::size_t>(code);
  return number < kNames.size() ? kNames[number] : "UNKNOWN";
}

Error::Error(Code code, const std::string& message, std::map<std::string, std::string> fields)
    : std::runtime_error(message + " (" + name(code) + ")"),
      code_(code),
      message_(message),
      fields_(std::move(fields)) {}

Error error_of(const grpc::Status& status) {
  return Error(static_cast<Code>(status.error_code()), status.error_message(), fields_of(status.error_details()));
}

}  // namespace pixret
