package io.github.pixret.client;

import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import pixret.scoring.v1.ScoringServiceGrpc;
import pixret.scoring.v1.ScoringServiceGrpc.ScoringServiceBlockingStub;
import pixret.scoring.v1.ScoringServiceGrpc.ScoringServiceStub;

/**
 * Calls to one server.
 *
 * @param connection the channel as it is
 * @param channel the same, with what is sent with every call
 * @param timeout of one unary call
 * @param deadline of all calls together
 */
record Calls(
    ManagedChannel connection, Channel channel, Duration timeout, Optional<Deadline> deadline) {

  /** The same, for so long from now on. */
  Calls within(Duration limit) {
    Deadline end = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
    return new Calls(connection, channel, timeout, Optional.of(end));
  }

  /** Makes one call. Throws PixretException when it fails. */
  <T> T unary(Function<ScoringServiceBlockingStub, T> call) {
    Deadline own = Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS);
    var stub = ScoringServiceGrpc.newBlockingStub(channel);
    try {
      return call.apply(stub.withDeadline(deadline.map(own::minimum).orElse(own)));
    } catch (StatusRuntimeException failed) {
      throw failure(failed);
    }
  }

  /** What a call failed with. */
  PixretException failure(Throwable failed) {
    return PixretException.of(failed, connection.authority());
  }

  /** What opens streams. */
  ScoringServiceStub streaming() {
    ScoringServiceStub stub = ScoringServiceGrpc.newStub(channel);
    return deadline.map(stub::withDeadline).orElse(stub);
  }

  /**
   * Lets the next call connect at once: who waits between calls need not wait for gRPC's own
   * backoff, too.
   */
  void reconnect() {
    connection.resetConnectBackoff();
  }

  /** Closes the connection, and ends calls that do not end by themselves in a moment. */
  void close() {
    connection.shutdown();
    try {
      if (connection.awaitTermination(1, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    connection.shutdownNow();
  }
}
