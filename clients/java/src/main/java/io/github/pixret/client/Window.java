package io.github.pixret.client;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import pixret.scoring.v1.Scoring;
import pixret.scoring.v1.Scoring.ItemBatch;

/**
 * What was read from the source and is not acknowledged yet, in batches, so that it can be sent
 * again. For one thread.
 */
final class Window {
  static final int BATCH_BYTES = 1 << 20;
  private static final int MAX_ITEMS = 16 * 1024;
  private static final int MAX_BYTES = 64 << 20;

  private final Iterator<? extends Item> source;
  private final int batchItems;
  private final long lingerNanos;
  private final Chain chain = new Chain();
  private final Deque<ItemBatch> held = new ArrayDeque<>();
  private Iterator<ItemBatch> again = held.iterator();
  private Scoring.Item spare; // read, but too large for the batch before; null when there is none
  private long base;
  private long end;
  private int items;
  private int bytes;

  Window(Iterator<? extends Item> source, int batchItems, Duration linger) {
    this.source = source;
    this.batchItems = batchItems;
    this.lingerNanos = linger.toNanos();
  }

  /** Whether nothing more should be read before something is acknowledged. */
  boolean isFull() {
    return items >= MAX_ITEMS || bytes >= MAX_BYTES;
  }

  /** The digest of all items that were read and put in a batch or passed over. */
  ByteString chainDigest() {
    return chain.digest();
  }

  /**
   * Goes on where a session stands: what it holds already and was never read here is read and
   * passed over, and what was read and is not acknowledged comes again, since only then does the
   * server tell once more what it refused of it.
   */
  void resume(long committed, ByteString chainDigest) {
    if (committed < base) {
      throw lost(committed);
    }
    if (committed > end) {
      release(end);
      passOver(committed, chainDigest);
    }
    again = new ArrayDeque<>(held).iterator();
  }

  /** Lets go of the batches that end at or below an offset. */
  void acknowledge(long offset) {
    base = Math.max(base, Math.min(offset, end));
    release(base);
  }

  /** The next batch to send: what comes again first, then from the source; null after the last. */
  ItemBatch next() {
    while (again.hasNext()) {
      ItemBatch batch = again.next();
      if (endOf(batch) > base) {
        return batch;
      }
    }
    ItemBatch batch = read();
    if (batch.getItemsCount() == 0) {
      return null;
    }
    held.add(batch);
    items += batch.getItemsCount();
    bytes += batch.getSerializedSize();
    return batch;
  }

  private ItemBatch read() {
    ItemBatch.Builder batch = ItemBatch.newBuilder().setOffset(end);
    long began = 0;
    int size = 0;
    Scoring.Item item;
    while (batch.getItemsCount() < batchItems && (item = take()) != null) {
      size += item.getSerializedSize();
      if (size > BATCH_BYTES && batch.getItemsCount() > 0) {
        spare = item;
        break;
      }
      append(batch, item);
      if (batch.getItemsCount() == 1) {
        began = System.nanoTime();
      }
      if (System.nanoTime() - began >= lingerNanos) {
        break;
      }
    }
    return batch.build();
  }

  private void append(ItemBatch.Builder batch, Scoring.Item item) {
    chain.extend(item);
    batch.addItems(item);
    end++;
  }

  /** The next item from the source, encoded; null at its end. */
  private Scoring.Item take() {
    if (spare != null) {
      Scoring.Item item = spare;
      spare = null;
      return item;
    }
    return source.hasNext() ? Encoder.item(source.next()) : null;
  }

  private void passOver(long offset, ByteString chainDigest) {
    for (; end < offset; end++) {
      Scoring.Item item = take();
      if (item == null) {
        throw conflict(offset);
      }
      chain.extend(item);
    }
    base = end;
    if (!chainDigest.isEmpty() && !chainDigest.equals(chain.digest())) {
      throw conflict(offset);
    }
  }

  private void release(long offset) {
    while (!held.isEmpty() && endOf(held.peek()) <= offset) {
      ItemBatch batch = held.remove();
      items -= batch.getItemsCount();
      bytes -= batch.getSerializedSize();
    }
  }

  private PixretException lost(long committed) {
    return new PixretException(
        Status.Code.DATA_LOSS,
        "the server acknowledged %d items and came back with %d; create another session and send everything again"
            .formatted(base, committed));
  }

  private static PixretException conflict(long offset) {
    return new PixretException(
        Status.Code.ALREADY_EXISTS,
        "the session holds other items below offset %d; send the same, or begin another session"
            .formatted(offset));
  }

  private static long endOf(ItemBatch batch) {
    return batch.getOffset() + batch.getItemsCount();
  }
}
