package io.github.pixret.client;

/**
 * Where a session stands after sending.
 *
 * @param committed every item below this offset is durable
 * @param chainDigest of all items that came from the source, 64 hexadecimal digits
 * @param last covers everything that was sent
 */
public record Progress(
    long committed, long accepted, long rejected, String chainDigest, Snapshot last) {
  /** What to finalize with: as many items as were committed, and the digest of what was sent. */
  public Totals totals() {
    return Totals.ofItems(committed).withChainDigest(chainDigest);
  }
}
