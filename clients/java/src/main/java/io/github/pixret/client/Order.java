package io.github.pixret.client;

/**
 * Where an index image stands among those of its query. All predictions of a query are ordered in
 * one way; ties go to the lower image index.
 */
public sealed interface Order {
  /** Says nothing, since a {@link Ranking} orders the query. */
  Order NONE = new None();

  /** Higher is better; finite. */
  static Order score(double score) {
    return new Score(score);
  }

  /** 0 is best. */
  static Order rank(long rank) {
    return new Rank(rank);
  }

  /** A score. */
  record Score(double score) implements Order {}

  /** A rank. */
  record Rank(long rank) implements Order {
    public Rank {
      Unsigned.check("a rank", rank);
    }
  }

  /** No order. */
  record None() implements Order {}
}
