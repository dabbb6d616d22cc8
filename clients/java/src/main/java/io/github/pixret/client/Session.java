package io.github.pixret.client;

import java.time.Instant;

/**
 * One submission on a server.
 *
 * @param committed every item below this offset is durable and has exactly one outcome
 * @param chainDigest of all items below {@code committed}, 64 hexadecimal digits
 */
public record Session(
    String name,
    String benchmark,
    String displayName,
    boolean isFinalized,
    Instant created,
    long committed,
    long accepted,
    long rejected,
    long distractors,
    String chainDigest) {}
