package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

import java.util.OptionalLong;

/**
 * What a client knows of the items that it sent, for the server to compare before it closes a
 * session.
 *
 * @param accepted not compared when empty
 * @param rejected not compared when empty
 * @param chainDigest hexadecimal; not compared when empty
 */
public record Totals(long items, OptionalLong accepted, OptionalLong rejected, String chainDigest) {
  public Totals {
    requireNonNull(accepted, "accepted");
    requireNonNull(rejected, "rejected");
    requireNonNull(chainDigest, "chainDigest");
  }

  /** So many items, whatever became of them. */
  public static Totals ofItems(long items) {
    return new Totals(items, OptionalLong.empty(), OptionalLong.empty(), "");
  }

  /** The same, of this digest. */
  public Totals withChainDigest(String digest) {
    return new Totals(items, accepted, rejected, digest);
  }

  /** The same, of which so many were accepted and rejected. */
  public Totals withOutcomes(long accepted, long rejected) {
    return new Totals(items, OptionalLong.of(accepted), OptionalLong.of(rejected), chainDigest);
  }
}
