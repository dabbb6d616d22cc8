package io.github.pixret.client;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.function.Consumer;
import pixret.scoring.v1.Scoring;
import pixret.scoring.v1.Scoring.Attach;
import pixret.scoring.v1.Scoring.Flush;
import pixret.scoring.v1.Scoring.ItemBatch;
import pixret.scoring.v1.Scoring.StreamPredictionsRequest;
import pixret.scoring.v1.Scoring.StreamPredictionsResponse;

/**
 * One stream of one session, from attach to the answer to its flush, or until it breaks. The
 * caller's thread sends; a thread of gRPC's receives.
 */
final class Conversation
    implements ClientResponseObserver<StreamPredictionsRequest, StreamPredictionsResponse> {
  private static final String END = "end";
  private static final StreamPredictionsRequest FLUSH =
      StreamPredictionsRequest.newBuilder().setFlush(Flush.newBuilder().setTag(END)).build();

  private final Calls calls;
  private final Window window;
  private final SendOptions options;
  private final Consumer<Rejection> onRejection;
  private ClientCallStreamObserver<StreamPredictionsRequest> requests;

  // All below is guarded by this.
  private Scoring.Session attached;
  private long committed;
  private Snapshot answer;
  private RuntimeException fault;

  Conversation(Calls calls, Window window, SendOptions options, Consumer<Rejection> onRejection) {
    this.calls = calls;
    this.window = window;
    this.options = options;
    this.onRejection = onRejection;
  }

  /** Every item below this offset is acknowledged. */
  synchronized long committed() {
    return committed;
  }

  /**
   * Sends everything, and returns the snapshot that covers it. Throws when the stream breaks or the
   * source does.
   */
  Snapshot run(String session) throws InterruptedException {
    calls.streaming().streamPredictions(this);
    boolean isComplete = false;
    try {
      requests.onNext(attach(session));
      resume();
      while (awaitRoom()) {
        ItemBatch batch = window.next();
        if (batch == null) {
          requests.onNext(FLUSH);
          break;
        }
        requests.onNext(StreamPredictionsRequest.newBuilder().setBatch(batch).build());
      }
      Snapshot last = awaitAnswer();
      isComplete = true;
      requests.onCompleted();
      return last;
    } finally {
      window.acknowledge(committed()); // also what came while the source was waited for
      if (!isComplete) {
        requests.cancel("sending ended early", null);
      }
    }
  }

  private StreamPredictionsRequest attach(String session) {
    Attach.Builder attach = Attach.newBuilder().setSession(session);
    options
        .snapshotInterval()
        .ifPresent(interval -> attach.setSnapshotInterval(Encoder.duration(interval)));
    return StreamPredictionsRequest.newBuilder().setAttach(attach).build();
  }

  /** Waits for the answer to attach, and goes on where it says. */
  private void resume() throws InterruptedException {
    Scoring.Session session;
    synchronized (this) {
      while (attached == null) {
        check();
        wait();
      }
      session = attached;
    }
    window.resume(session.getCommittedOffset(), session.getChainDigest());
  }

  /** Waits until another batch may be sent; false when the stream has ended instead. */
  private synchronized boolean awaitRoom() throws InterruptedException {
    while (fault == null) {
      window.acknowledge(committed);
      if (requests.isReady() && !window.isFull()) {
        return true;
      }
      wait();
    }
    return false;
  }

  private synchronized Snapshot awaitAnswer() throws InterruptedException {
    while (answer == null) {
      check();
      wait();
    }
    return answer;
  }

  private void check() {
    if (fault != null) {
      throw fault;
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<StreamPredictionsRequest> stream) {
    requests = stream;
    stream.setOnReadyHandler(this::tell);
  }

  @Override
  public void onNext(StreamPredictionsResponse response) {
    try {
      receive(response);
    } catch (RuntimeException listeners) {
      end(listeners);
    }
  }

  private void receive(StreamPredictionsResponse response) {
    switch (response.getMessageCase()) {
      case ATTACHED -> attached(response.getAttached().getSession());
      case ACK -> acknowledged(response.getAck().getCommittedOffset());
      case REJECTIONS ->
          response.getRejections().getRejectionsList().stream()
              .map(Decoder::rejection)
              .forEach(onRejection);
      case SNAPSHOT -> {
        Snapshot snapshot = Decoder.snapshot(response.getSnapshot());
        options.onSnapshot().accept(snapshot);
        if (response.getSnapshot().getFlushTag().equals(END)) {
          answered(snapshot);
        }
      }
      // A server that drains takes items for its grace, which may well do; then it ends the stream.
      case DRAIN, MESSAGE_NOT_SET -> {}
    }
  }

  private synchronized void attached(Scoring.Session session) {
    attached = session;
    notifyAll();
  }

  private synchronized void acknowledged(long offset) {
    committed = Math.max(committed, offset);
    notifyAll();
  }

  private synchronized void answered(Snapshot snapshot) {
    committed = snapshot.offset();
    answer = snapshot;
    notifyAll();
  }

  @Override
  public void onError(Throwable cause) {
    end(calls.failure(cause));
  }

  /** A server that stops may end the stream without an error of its own. */
  @Override
  public void onCompleted() {
    end(new PixretException(Status.Code.UNAVAILABLE, "the stream ended at offset " + committed()));
  }

  private synchronized void end(RuntimeException cause) {
    if (fault == null) {
      fault = cause;
    }
    notifyAll();
  }

  private synchronized void tell() {
    notifyAll();
  }
}
