package io.github.pixret.client;

/**
 * Why an item does not count.
 *
 * @param reason a name such as {@code invalid_mask}
 * @param field the field at fault, as in {@code mask.rle.counts}
 * @param query the query as it was named
 * @param image the index image as it was named; empty for a ranking
 */
public record Rejection(
    long offset, String reason, String field, String message, String query, String image) {
  @Override
  public String toString() {
    return "item %d, %s: %s".formatted(offset, reason, message);
  }
}
