#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pixret/mask.hpp"

namespace pixret {

/// A query or an index image: its name, or its position, as in the benchmark's lists.
using Ref = std::variant<std::string, std::uint32_t>;

/// Higher is better, and finite. Ties go to the lower image index.
struct Score {
  double value = 0;
};

/// 0 is best. Ties go to the lower image index.
struct Rank {
  std::uint32_t value = 0;
};

/// Where an index image stands among those of its query. All predictions of a query are ordered in one way; none is
/// when a Ranking orders the query.
using Order = std::variant<std::monostate, Score, Rank>;

/// The union of closed outlines, each x0, y0, x1, y1, ... in pixels of the index image.
struct Polygons {
  std::vector<std::vector<double>> outlines;
};

/// A box in pixels of the index image.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// The object was deliberately not segmented.
struct NoMask {};

/// A mask that its reader could not make sense of: the server refuses it under its own name, so that nothing is lost
/// unseen.
struct Unreadable {
  std::string detail;
};

/// Where the query object is in an index image. Nothing at all is a fault that the server names: to find nothing is
/// said with NoMask.
using Region = std::variant<std::monostate, Rle, Runs, Polygons, Box, NoMask, Unreadable>;

/// What a method says of one index image for one query.
struct Prediction {
  Ref query, image;
  Order order;
  Region region;
};

/// The whole order of one query: image indices, best first.
struct Ranking {
  Ref query;
  std::vector<std::uint32_t> images;
};

using Item = std::variant<Prediction, Ranking>;

/// Gives the next item with every call, and nothing after the last.
using Source = std::function<std::optional<Item>()>;

/// A source of the items between two iterators, which must stay valid while it is used.
template <class Iterator>
Source items_between(Iterator first, Iterator last) {
  return [first, last]() mutable -> std::optional<Item> {
    return first == last ? std::nullopt : std::optional<Item>(*first++);
  };
}

}  // namespace pixret
