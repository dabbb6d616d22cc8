#pragma once

#include "pixret/records.hpp"
#include "pixret/scoring/v1/scoring.pb.h"

namespace pixret {

Benchmark decode(const scoring::v1::Benchmark& message);
Session decode(const scoring::v1::Session& message);
Rejection decode(const scoring::v1::Rejection& message);
Snapshot decode(const scoring::v1::Snapshot& message);

}  // namespace pixret
