#pragma once

#include <grpcpp/grpcpp.h>

#include "pixret/errors.hpp"

namespace pixret {

/// The error of a call that failed, with the fields that its details name.
Error error_of(const grpc::Status& status);

}  // namespace pixret
