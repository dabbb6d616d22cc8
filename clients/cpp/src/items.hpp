#pragma once

#include "pixret/items.hpp"
#include "pixret/scoring/v1/scoring.pb.h"

namespace pixret {

/// The message of an item. std::invalid_argument when a text in it is not UTF-8.
scoring::v1::Item encode(Item item);

}  // namespace pixret
