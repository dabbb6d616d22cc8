package io.github.pixret.client;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * @param patience how long the server may be away before a unary call gives up
 * @param wasReached whether the server ever answered; if not, its address is probably wrong
 * @param deadline of all calls together
 */
record Calls(
    ManagedChannel connection,
    Channel channel,
    Duration timeout,
    Duration patience,
    AtomicBoolean wasReached,
    Optional<Deadline> deadline) {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** The same, for so long from now on. */
  Calls within(Duration limit) {
    Deadline end = Deadline.after(limit.toNanos(), TimeUnit.NANOSECONDS);
    return new Calls(connection, channel, timeout, patience, wasReached, Optional.of(end));
  }

  /**
   * Makes one call, and makes it again while a server that has answered is away: all calls may be
   * repeated. Throws PixretException when it fails, as it does when the thread is interrupted.
   */
  <T> T unary(Function<ScoringServiceBlockingStub, T> call) {
    try {
      return patiently(wasReached.get() ? patience : Duration.ZERO, () -> once(call));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PixretException(Status.Code.CANCELLED, "the thread was interrupted");
    }
  }

  /** Makes one call once. Throws PixretException when it fails. */
  <T> T once(Function<ScoringServiceBlockingStub, T> call) {
    Deadline own = Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS);
    var stub = ScoringServiceGrpc.newBlockingStub(channel);
    try {
      T answer = call.apply(stub.withDeadline(deadline.map(own::minimum).orElse(own)));
      wasReached.set(true);
      return answer;
    } catch (StatusRuntimeException failed) {
      PixretException failure = failure(failed);
      if (!isAway(failure) && failure.code() != Status.Code.DEADLINE_EXCEEDED) {
        wasReached.set(true);
      }
      throw failure;
    }
  }

  /** Tries again while the server is away and patience lasts. */
  <T> T patiently(Duration limit, CheckedSupplier<T> attempt) throws InterruptedException {
    try {
      return Failsafe.with(policy(limit)).get(attempt);
    } catch (FailsafeException wrapped) {
      if (wrapped.getCause() instanceof InterruptedException interrupted) {
        Thread.interrupted(); // the exception says it from here on
        throw interrupted;
      }
      throw wrapped;
    }
  }

  private RetryPolicy<Object> policy(Duration limit) {
    var policy = RetryPolicy.builder().handleIf(this::isAway);
    if (limit.compareTo(FIRST_PAUSE) <= 0) {
      return policy.withMaxAttempts(1).build();
    }
    return policy
        .withMaxAttempts(-1)
        .withBackoff(FIRST_PAUSE, LONGEST_PAUSE)
        .withJitter(0.5)
        .withMaxDuration(limit)
        .onRetry(again -> connection.resetConnectBackoff()) // we have waited already
        .build();
  }

  /**
   * Whether the server was not reached, or stops and cancels what is left, and the caller did not.
   */
  boolean isAway(Throwable error) {
    return error instanceof PixretException failed
        && (failed.isUnavailable() || failed.code() == Status.Code.CANCELLED)
        && !Context.current().isCancelled()
        && !connection.isShutdown();
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
