package io.github.pixret.submission;

import static io.github.pixret.submission.Values.doubles;
import static io.github.pixret.submission.Values.elements;
import static io.github.pixret.submission.Values.excerpt;
import static io.github.pixret.submission.Values.index;
import static io.github.pixret.submission.Values.integers;
import static io.github.pixret.submission.Values.isIndex;
import static io.github.pixret.submission.Values.number;
import static io.github.pixret.submission.Values.object;
import static io.github.pixret.submission.Values.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.pixret.client.ImageRef;
import io.github.pixret.client.Mask;
import io.github.pixret.client.Order;
import io.github.pixret.client.Prediction;
import io.github.pixret.client.Rle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One line of a submission. The query and the index image are named by id or by index; the first of
 * segmentation, polygons and bbox that is there says where the object is, and none of them finds
 * nothing. All methods throw IllegalArgumentException, which names the column, its value and what
 * is wrong with it.
 */
public final class Row {
  /**
   * Level and area are taken and not used, so that a table of ground truth pairs is a submission,
   * too.
   */
  private static final List<String> COLUMNS =
      List.of(
          "query_id",
          "query_index",
          "image_id",
          "image_index",
          "score",
          "rank",
          "segmentation",
          "polygons",
          "bbox",
          "level",
          "area");

  private static final List<String> MASK_KEYS = List.of("size", "counts");

  private final JsonObject row;

  /**
   * Takes an object for a row. A column that there is not would silently mean that nothing was
   * found.
   */
  public Row(JsonObject row) {
    checkKeys(row, "column", COLUMNS);
    this.row = row;
  }

  /** The prediction that the row stands for. */
  public Prediction prediction() {
    return new Prediction(query(), image(), mask(), order());
  }

  /** The query. */
  public ImageRef query() {
    return ref("query");
  }

  /** The index image. */
  public ImageRef image() {
    return ref("image");
  }

  private ImageRef ref(String what) {
    String id = what + "_id";
    String index = what + "_index";
    return value(id)
        .map(value -> ImageRef.id(text(id, value)))
        .or(() -> value(index).map(value -> ImageRef.index(index(index, value))))
        .orElseThrow(
            () -> new IllegalArgumentException("neither " + id + " nor " + index + " is given"));
  }

  private Order order() {
    Optional<Order> score = value("score").map(value -> Order.score(number("score", value)));
    Optional<Order> rank = value("rank").map(value -> Order.rank(index("rank", value)));
    if (score.isPresent() && rank.isPresent()) {
      throw new IllegalArgumentException(
          "score %s and rank %s are both given; give one"
              .formatted(row.get("score"), row.get("rank")));
    }
    return score.or(() -> rank).orElse(Order.NONE);
  }

  private Mask mask() {
    return value("segmentation")
        .map(value -> segmentation(object("segmentation", value)))
        .or(() -> value("polygons").map(Row::polygons))
        .or(() -> value("bbox").map(value -> box(doubles("bbox", value))))
        .orElse(Mask.NONE);
  }

  private Optional<JsonElement> value(String column) {
    return Optional.ofNullable(row.get(column)).filter(value -> !value.isJsonNull());
  }

  private static void checkKeys(JsonObject object, String what, List<String> known) {
    for (String key : object.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "unknown %s %s; there are %s".formatted(what, key, String.join(", ", known)));
      }
    }
  }

  /**
   * A COCO RLE. What the wire cannot carry is sent as unreadable, for the server to refuse by name.
   */
  private static Mask segmentation(JsonObject mask) {
    checkKeys(mask, "key of a segmentation", MASK_KEYS);
    long[] size = integers("size", mask.get("size"));
    if (size.length != 2 || !isIndex(size[0]) || !isIndex(size[1])) {
      return new Mask.Unreadable("size " + Arrays.toString(size) + " is not [height, width]");
    }
    JsonElement counts = mask.get("counts");
    return counts != null && counts.isJsonPrimitive()
        ? new Rle(size[0], size[1], text("counts", counts))
        : runs(size, integers("counts", counts));
  }

  private static Mask runs(long[] size, long[] counts) {
    for (long count : counts) {
      if (!isIndex(count)) {
        return new Mask.Unreadable("run " + count + " is no length");
      }
    }
    return new Mask.Runs(size[0], size[1], counts);
  }

  private static Mask polygons(JsonElement value) {
    List<double[]> polygons = new ArrayList<>();
    for (JsonElement polygon : elements("polygons", value)) {
      polygons.add(doubles("polygons", polygon));
    }
    return new Mask.Polygons(polygons);
  }

  private static Mask box(double[] sides) {
    return sides.length == 4
        ? new Mask.Box(sides[0], sides[1], sides[2], sides[3])
        : new Mask.Unreadable(
            "bbox " + excerpt(Arrays.toString(sides)) + " is not [x, y, width, height]");
  }
}
