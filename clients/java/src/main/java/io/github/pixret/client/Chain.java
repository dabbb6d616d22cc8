package io.github.pixret.client;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import pixret.scoring.v1.Scoring;

/**
 * The chain digest of items in their order, as the contract defines it at Session.chain_digest.
 * Items must be built by their builders: what is parsed may hold unknown fields.
 */
final class Chain {
  private static final int ITEM_DIGEST_BYTES = 16;

  private final MessageDigest sha256 = sha256();
  private byte[] digest = new byte[32];

  /** Takes one more item. */
  void extend(Scoring.Item item) {
    byte[] own =
        sha256.digest(item.toByteArray()); // fields in the order of numbers, which is canonical
    sha256.update(digest);
    sha256.update(own, 0, ITEM_DIGEST_BYTES);
    digest = sha256.digest();
  }

  /** The digest of all items so far; 32 zero bytes of none. */
  ByteString digest() {
    return ByteString.copyFrom(digest);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
