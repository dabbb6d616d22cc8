package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

/** What a method says of one index image for one query. A pair may be predicted once. */
public record Prediction(ImageRef query, ImageRef image, Mask mask, Order order) implements Item {
  public Prediction {
    requireNonNull(query, "query");
    requireNonNull(image, "image");
    requireNonNull(mask, "mask");
    requireNonNull(order, "order");
  }

  /** A prediction that is named by ids and ordered by a score. */
  public static Prediction scored(String query, String image, Mask mask, double score) {
    return new Prediction(ImageRef.id(query), ImageRef.id(image), mask, Order.score(score));
  }

  /** A prediction that is named by ids and ordered by a rank, of which 0 is best. */
  public static Prediction ranked(String query, String image, Mask mask, long rank) {
    return new Prediction(ImageRef.id(query), ImageRef.id(image), mask, Order.rank(rank));
  }
}
