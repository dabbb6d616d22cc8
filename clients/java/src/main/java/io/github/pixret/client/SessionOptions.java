package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * What a session may be opened with.
 *
 * @param requestId lets a retry find the session of the first try
 * @param distractors images that rankings hold beyond the index
 * @param displayName shown in lists
 */
public record SessionOptions(String requestId, long distractors, String displayName) {
  public SessionOptions {
    requireNonNull(requestId, "requestId");
    Unsigned.check("distractors", distractors);
    requireNonNull(displayName, "displayName");
  }

  /** A session of its own, without distractors and without a name. */
  public SessionOptions() {
    this(UUID.randomUUID().toString(), 0, "");
  }

  public SessionOptions withRequestId(String requestId) {
    return new SessionOptions(requestId, distractors, displayName);
  }

  public SessionOptions withDistractors(long distractors) {
    return new SessionOptions(requestId, distractors, displayName);
  }

  public SessionOptions withDisplayName(String displayName) {
    return new SessionOptions(requestId, distractors, displayName);
  }
}
