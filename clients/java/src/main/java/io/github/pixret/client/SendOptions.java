package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to send; the defaults are good ones.
 *
 * @param batchItems items in a message; with single ones a stream is a hundred times slower
 * @param linger a batch also goes out when an item comes and the first in it was taken so long ago
 * @param snapshotInterval how often snapshots come; without it only the last one does
 * @param onSnapshot called with every snapshot, one after the other, on a thread of gRPC's
 * @param onRejection called with every item that was refused meanwhile, as onSnapshot is
 * @param patience how long a server may be away before sending gives up
 * @param timeout how long sending may take in all; no end without it
 */
public record SendOptions(
    int batchItems,
    Duration linger,
    Optional<Duration> snapshotInterval,
    Consumer<Snapshot> onSnapshot,
    Consumer<Rejection> onRejection,
    Duration patience,
    Optional<Duration> timeout) {
  public SendOptions {
    if (batchItems < 1) {
      throw new IllegalArgumentException("batchItems is " + batchItems + "; give 1 or more");
    }
    checkNotNegative("linger", linger);
    snapshotInterval.ifPresent(interval -> checkNotNegative("snapshotInterval", interval));
    requireNonNull(onSnapshot, "onSnapshot");
    requireNonNull(onRejection, "onRejection");
    checkNotNegative("patience", patience);
    timeout.ifPresent(limit -> checkNotNegative("timeout", limit));
  }

  /**
   * Batches of 256 items that wait for half a second, one snapshot at the end, and two minutes of
   * patience.
   */
  public static Builder builder() {
    return new Builder();
  }

  private static void checkNotNegative(String what, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(what + " is " + value + "; it must not be negative");
    }
  }

  /** Makes options. */
  public static final class Builder {
    private int batchItems = 256;
    private Duration linger = Duration.ofMillis(500);
    private Optional<Duration> snapshotInterval = Optional.empty();
    private Consumer<Snapshot> onSnapshot = snapshot -> {};
    private Consumer<Rejection> onRejection = rejection -> {};
    private Duration patience = Duration.ofMinutes(2);
    private Optional<Duration> timeout = Optional.empty();

    private Builder() {}

    public Builder batchItems(int batchItems) {
      this.batchItems = batchItems;
      return this;
    }

    public Builder linger(Duration linger) {
      this.linger = linger;
      return this;
    }

    public Builder snapshotInterval(Duration interval) {
      this.snapshotInterval = Optional.of(interval);
      return this;
    }

    public Builder onSnapshot(Consumer<Snapshot> listener) {
      this.onSnapshot = listener;
      return this;
    }

    public Builder onRejection(Consumer<Rejection> listener) {
      this.onRejection = listener;
      return this;
    }

    public Builder patience(Duration patience) {
      this.patience = patience;
      return this;
    }

    public Builder timeout(Duration timeout) {
      this.timeout = Optional.of(timeout);
      return this;
    }

    public SendOptions build() {
      return new SendOptions(
          batchItems, linger, snapshotInterval, onSnapshot, onRejection, patience, timeout);
    }
  }
}
