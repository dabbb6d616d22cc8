package io.github.pixret.client;

import com.google.protobuf.ByteString;
import dev.failsafe.function.CheckedSupplier;
import java.util.Iterator;
import java.util.Optional;
import pixret.scoring.v1.Scoring;
import pixret.scoring.v1.Scoring.AppendPredictionsRequest;
import pixret.scoring.v1.Scoring.GetSessionRequest;
import pixret.scoring.v1.Scoring.GetSnapshotRequest;
import pixret.scoring.v1.Scoring.ItemBatch;

/** One submission on its way into one session, through all calls that it takes. */
final class Transfer {
  private final Calls calls;
  private final String session;
  private final Window window;
  private final SendOptions options;
  private long reached;
  private long heard; // rejections below this offset were told

  Transfer(Calls calls, String session, Iterator<? extends Item> items, SendOptions options) {
    this.calls = options.timeout().map(calls::within).orElse(calls);
    this.session = session;
    this.window = new Window(items, options.batchItems(), options.linger());
    this.options = options;
  }

  /** Sends by a stream, and takes it up again when it breaks. */
  Progress stream() throws InterruptedException {
    Optional<Snapshot> last;
    do { // patience begins anew with every stream that got on
      last = patiently(this::converse);
    } while (last.isEmpty());
    calls.wasReached().set(true);
    return progress(last.get());
  }

  /** Sends by one call for each batch. */
  Progress append() throws InterruptedException {
    Scoring.Session state = patiently(this::session);
    window.resume(state.getCommittedOffset(), state.getChainDigest());
    ItemBatch batch;
    while ((batch = window.next()) != null) {
      // To send it again is safe: the offset says which items they are.
      AppendPredictionsRequest request =
          AppendPredictionsRequest.newBuilder().setSession(session).setBatch(batch).build();
      var response = patiently(() -> calls.once(stub -> stub.appendPredictions(request)));
      window.acknowledge(response.getAck().getCommittedOffset());
      response.getRejectionsList().forEach(refused -> tell(Decoder.rejection(refused)));
    }
    Snapshot last = patiently(this::snapshot);
    options.onSnapshot().accept(last);
    return progress(last);
  }

  private Scoring.Session session() {
    GetSessionRequest request = GetSessionRequest.newBuilder().setName(session).build();
    return calls.once(stub -> stub.getSession(request)).getSession();
  }

  private Snapshot snapshot() {
    GetSnapshotRequest request = GetSnapshotRequest.newBuilder().setSession(session).build();
    return Decoder.snapshot(calls.once(stub -> stub.getSnapshot(request)).getSnapshot());
  }

  /** One stream: its last snapshot, or nothing when it broke after it got on. */
  private Optional<Snapshot> converse() throws InterruptedException {
    Conversation conversation = new Conversation(calls, window, options, this::tell);
    try {
      return Optional.of(conversation.run(session));
    } catch (PixretException failed) {
      long committed = conversation.committed();
      if (!calls.isAway(failed) || committed <= reached) {
        throw failed;
      }
      reached = committed;
      return Optional.empty();
    }
  }

  /** Tells of a rejection, but not when its batch was sent again. */
  private void tell(Rejection rejection) {
    if (rejection.offset() >= heard) {
      heard = rejection.offset() + 1;
      options.onRejection().accept(rejection);
    }
  }

  private Progress progress(Snapshot last) {
    ByteString digest = window.chainDigest();
    return new Progress(
        last.offset(), last.accepted(), last.rejected(), Decoder.digest(digest), last);
  }

  /** Tries again while the server is away and patience lasts. */
  private <T> T patiently(CheckedSupplier<T> attempt) throws InterruptedException {
    return calls.patiently(options.patience(), attempt);
  }
}
