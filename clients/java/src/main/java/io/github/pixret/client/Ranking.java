package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

/**
 * The whole order of one query.
 *
 * @param images image indices, best first, none twice; the array is not copied
 */
@SuppressWarnings("ArrayRecordComponent") // a million indices, without a box around each
public record Ranking(ImageRef query, int[] images) implements Item {
  public Ranking {
    requireNonNull(query, "query");
    for (int image : images) {
      Unsigned.check("an image index", image);
    }
  }
}
