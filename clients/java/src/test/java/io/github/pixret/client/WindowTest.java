package io.github.pixret.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pixret.scoring.v1.Scoring.ItemBatch;

class WindowTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private static List<Item> items(int count) {
    return IntStream.range(0, count)
        .<Item>mapToObj(rank -> Prediction.ranked("q", "image" + rank, Mask.NONE, rank))
        .toList();
  }

  private static Window window(int count, int batchItems) {
    return new Window(items(count).iterator(), batchItems, NEVER);
  }

  private static ByteString digest(int count) {
    Chain chain = new Chain();
    items(count).forEach(item -> chain.extend(Encoder.item(item)));
    return chain.digest();
  }

  private static void assertBatch(long offset, int count, ItemBatch batch) {
    assertEquals(offset, batch.getOffset());
    assertEquals(count, batch.getItemsCount());
  }

  @Test
  void packsByNumber() {
    Window window = window(5, 2);
    assertBatch(0, 2, window.next());
    assertBatch(2, 2, window.next());
    assertBatch(4, 1, window.next());
    assertNull(window.next());
    assertEquals(digest(5), window.chainDigest());
  }

  @Test
  void packsBySizeAndSendsWhatIsLargerAlone() {
    Item half =
        Prediction.ranked("q", "a", new Mask.Unreadable("x".repeat(Window.BATCH_BYTES / 2)), 0);
    Item large =
        Prediction.ranked("q", "b", new Mask.Unreadable("x".repeat(Window.BATCH_BYTES)), 1);
    Window window = new Window(List.of(half, half, large, half).iterator(), 256, NEVER);
    assertBatch(0, 1, window.next());
    assertBatch(1, 1, window.next());
    assertBatch(2, 1, window.next());
    assertBatch(3, 1, window.next());
    assertNull(window.next());
  }

  @Test
  void sendsEveryItemAtOnceWithoutLinger() {
    Window window = new Window(items(2).iterator(), 256, Duration.ZERO);
    assertBatch(0, 1, window.next());
    assertBatch(1, 1, window.next());
  }

  @Test
  void bringsWhatIsNotAcknowledgedAgain() {
    Window window = window(5, 2);
    window.next();
    window.next();
    window.acknowledge(3);
    window.resume(4, digest(4)); // more than was heard of, so that rejections can be told
    assertBatch(2, 2, window.next());
    assertBatch(4, 1, window.next());
    assertNull(window.next());
  }

  @Test
  void passesOverWhatTheSessionHolds() {
    Window window = window(5, 2);
    window.resume(3, digest(3));
    assertBatch(3, 2, window.next());
    assertEquals(digest(5), window.chainDigest());
  }

  @Test
  void refusesASessionThatHoldsOtherItems() {
    var other = assertThrows(PixretException.class, () -> window(5, 2).resume(3, digest(4)));
    var more = assertThrows(PixretException.class, () -> window(5, 2).resume(6, digest(6)));
    assertEquals(Status.Code.ALREADY_EXISTS, other.code());
    assertEquals(
        "the session holds other items below offset 3; send the same, or begin another session (ALREADY_EXISTS)",
        other.getMessage());
    assertEquals(Status.Code.ALREADY_EXISTS, more.code());
  }

  @Test
  void refusesAServerThatForgotWhatItAcknowledged() {
    Window window = window(5, 2);
    window.next();
    window.acknowledge(2);
    var lost = assertThrows(PixretException.class, () -> window.resume(0, digest(0)));
    assertEquals(Status.Code.DATA_LOSS, lost.code());
    assertEquals(
        "the server acknowledged 2 items and came back with 0; create another session and send everything again (DATA_LOSS)",
        lost.getMessage());
  }

  @Test
  void isFullWhileTooMuchIsNotAcknowledged() {
    Window window = window(20_000, 1024);
    while (!window.isFull()) {
      window.next();
    }
    window.acknowledge(1023); // not the whole first batch
    assertTrue(window.isFull());
    window.acknowledge(1024);
    assertFalse(window.isFull());
  }
}
