#include "items.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace pixret {
namespace {

namespace wire = scoring::v1;

std::string checked(std::string text) {
  // The dump of a JSON text is strict about UTF-8; no message could carry anything else.
  try {
    nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("a name or detail is not UTF-8: " +
                                nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  }
  return text;
}

void encode(Ref&& ref, wire::ImageRef& message) {
  if (auto* id = std::get_if<std::string>(&ref)) {
    message.set_id(checked(std::move(*id)));
  } else {
    message.set_index(std::get<std::uint32_t>(ref));
  }
}

void encode(Order order, wire::Prediction& message) {
  if (const auto* score = std::get_if<Score>(&order)) message.set_score(score->value);
  if (const auto* rank = std::get_if<Rank>(&order)) message.set_rank(rank->value);
}

struct RegionEncoder {
  wire::Prediction& message;

  void operator()(std::monostate) const {}
  void operator()(Rle&& rle) const {
    auto& mask = *message.mutable_rle();
    mask.set_height(rle.height);
    mask.set_width(rle.width);
    mask.set_counts(std::move(rle.counts));
  }
  void operator()(Runs&& runs) const {
    auto& mask = *message.mutable_runs();
    mask.set_height(runs.height);
    mask.set_width(runs.width);
    mask.mutable_counts()->Add(runs.counts.begin(), runs.counts.end());
  }
  void operator()(Polygons&& polygons) const {
    auto& mask = *message.mutable_polygons();
    for (const auto& outline : polygons.outlines) {
      mask.add_polygons()->mutable_xy()->Add(outline.begin(), outline.end());
    }
  }
  void operator()(Box&& box) const {
    auto& mask = *message.mutable_box();
    mask.set_x(box.x);
    mask.set_y(box.y);
    mask.set_width(box.width);
    mask.set_height(box.height);
  }
  void operator()(NoMask&&) const { message.mutable_no_mask(); }
  void operator()(Unreadable&& mask) const {
    message.mutable_unreadable()->set_detail(checked(std::move(mask.detail)));
  }
};

void encode(Prediction&& prediction, wire::Prediction& message) {
  encode(std::move(prediction.query), *message.mutable_query());
  encode(std::move(prediction.image), *message.mutable_image());
  encode(prediction.order, message);
  std::visit(RegionEncoder{message}, std::move(prediction.region));
}

void encode(Ranking&& ranking, wire::Ranking& message) {
  encode(std::move(ranking.query), *message.mutable_query());
  message.mutable_image_indices()->Add(ranking.images.begin(), ranking.images.end());
}

}  // namespace

wire::Item encode(Item item) {
  wire::Item message;
  if (auto* prediction = std::get_if<Prediction>(&item)) {
    encode(std::move(*prediction), *message.mutable_prediction());
  } else {
    encode(std::get<Ranking>(std::move(item)), *message.mutable_ranking());
  }
  return message;
}

}  // namespace pixret
