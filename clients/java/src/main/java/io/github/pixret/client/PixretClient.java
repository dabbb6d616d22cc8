package io.github.pixret.client;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import pixret.scoring.v1.Scoring.BenchmarkView;
import pixret.scoring.v1.Scoring.CreateSessionRequest;
import pixret.scoring.v1.Scoring.DeleteSessionRequest;
import pixret.scoring.v1.Scoring.FinalizeSessionRequest;
import pixret.scoring.v1.Scoring.GetBenchmarkRequest;
import pixret.scoring.v1.Scoring.GetSessionRequest;
import pixret.scoring.v1.Scoring.GetSnapshotRequest;
import pixret.scoring.v1.Scoring.ListBenchmarksRequest;
import pixret.scoring.v1.Scoring.ListRejectionsRequest;
import pixret.scoring.v1.Scoring.ListSessionsRequest;

/**
 * Speaks to one scoring server; close it when done. It is safe for several threads at once. Every
 * method throws {@link PixretException} when the server refuses or is not reached.
 */
public final class PixretClient implements AutoCloseable {
  private final Calls calls;

  private PixretClient(Calls calls) {
    this.calls = calls;
  }

  /** Begins a client of the server at HOST:PORT, in plaintext and without a token. */
  public static Builder builder(String address) {
    return new Builder(address);
  }

  /**
   * A client of the server at HOST:PORT, in plaintext and without a token. It connects with the
   * first call.
   */
  public static PixretClient connect(String address) {
    return builder(address).build();
  }

  /** All benchmarks of the server, without names. */
  public List<Benchmark> benchmarks() {
    ListBenchmarksRequest request = ListBenchmarksRequest.getDefaultInstance();
    return calls.unary(stub -> stub.listBenchmarks(request)).getBenchmarksList().stream()
        .map(Decoder::benchmark)
        .toList();
  }

  /** One benchmark, with the names of its queries and index images. */
  public Benchmark benchmark(String name) {
    GetBenchmarkRequest request =
        GetBenchmarkRequest.newBuilder()
            .setName("benchmarks/" + name)
            .setView(BenchmarkView.BENCHMARK_VIEW_FULL)
            .build();
    return Decoder.benchmark(calls.unary(stub -> stub.getBenchmark(request)).getBenchmark());
  }

  /** Opens a session of its own. */
  public Session createSession(String benchmark) {
    return createSession(benchmark, new SessionOptions());
  }

  /** Opens a session, or finds the one that the same request id opened before. */
  public Session createSession(String benchmark, SessionOptions options) {
    CreateSessionRequest request =
        CreateSessionRequest.newBuilder()
            .setBenchmark("benchmarks/" + benchmark)
            .setRequestId(options.requestId())
            .setDistractorCount((int) options.distractors())
            .setDisplayName(options.displayName())
            .build();
    return Decoder.session(calls.unary(stub -> stub.createSession(request)).getSession());
  }

  /** A session as it stands. */
  public Session session(String name) {
    GetSessionRequest request = GetSessionRequest.newBuilder().setName(name).build();
    return Decoder.session(calls.unary(stub -> stub.getSession(request)).getSession());
  }

  /** All sessions, oldest first, fetched page by page. */
  public Stream<Session> sessions() {
    return pages(
        token -> {
          ListSessionsRequest request =
              ListSessionsRequest.newBuilder().setPageToken(token).build();
          var response = calls.unary(stub -> stub.listSessions(request));
          return new Page<>(
              response.getSessionsList().stream().map(Decoder::session),
              response.getNextPageToken());
        });
  }

  /** Ends a session and forgets what it holds. */
  public void deleteSession(String name) {
    DeleteSessionRequest request = DeleteSessionRequest.newBuilder().setName(name).build();
    AtomicInteger tries = new AtomicInteger();
    try {
      var unused =
          calls.unary(
              stub -> {
                tries.incrementAndGet();
                return stub.deleteSession(request);
              });
    } catch (PixretException failed) {
      if (failed.code() != Status.Code.NOT_FOUND || tries.get() == 1) {
        throw failed; // else a try before did it, and its answer was lost
      }
    }
  }

  /** Sends with the default options. */
  public Progress send(String session, Iterator<? extends Item> items) throws InterruptedException {
    return send(session, items, SendOptions.builder().build());
  }

  /**
   * Streams items to a session and returns when the server has acknowledged all of them. The items
   * are the whole submission: as many as the session holds already are passed over, once they are
   * known to be the same. A connection that breaks is taken up again, and the items that were not
   * acknowledged are sent again; exactly one outcome is counted for each. What the source or a
   * listener throws ends it, as an interrupt does; what is committed stands.
   */
  public Progress send(String session, Iterator<? extends Item> items, SendOptions options)
      throws InterruptedException {
    return new Transfer(calls, session, items, options).stream();
  }

  /**
   * Sends like {@link #send(String, Iterator, SendOptions)}, by one call for each batch, where a
   * stream is awkward. The one snapshot comes at the end.
   */
  public Progress append(String session, Iterator<? extends Item> items, SendOptions options)
      throws InterruptedException {
    return new Transfer(calls, session, items, options).append();
  }

  /** The metrics of what a session has received. */
  public Snapshot snapshot(String session) {
    GetSnapshotRequest request = GetSnapshotRequest.newBuilder().setSession(session).build();
    return Decoder.snapshot(calls.unary(stub -> stub.getSnapshot(request)).getSnapshot());
  }

  /** The refused items of a session by offset, fetched page by page. */
  public Stream<Rejection> rejections(String session) {
    return pages(
        token -> {
          ListRejectionsRequest request =
              ListRejectionsRequest.newBuilder().setSession(session).setPageToken(token).build();
          var response = calls.unary(stub -> stub.listRejections(request));
          return new Page<>(
              response.getRejectionsList().stream().map(Decoder::rejection),
              response.getNextPageToken());
        });
  }

  /** Closes a session that has received what the totals say, and returns its report. */
  public Report finalizeSession(String session, Totals totals) {
    FinalizeSessionRequest.Builder request =
        FinalizeSessionRequest.newBuilder()
            .setSession(session)
            .setItemCount(totals.items())
            .setChainDigest(Encoder.digest(totals.chainDigest()));
    totals.accepted().ifPresent(request::setAcceptedCount);
    totals.rejected().ifPresent(request::setRejectedCount);
    var response = calls.unary(stub -> stub.finalizeSession(request.build()));
    return new Report(
        response.getReportJson().toStringUtf8(), response.getReportSignature().toStringUtf8());
  }

  /** Closes the connection, and with it what is under way. */
  @Override
  public void close() {
    calls.close();
  }

  private record Page<T>(Stream<T> entries, String next) {}

  private static <T> Stream<T> pages(Function<String, Page<T>> fetch) {
    return Stream.iterate(
            fetch.apply(""),
            Objects::nonNull,
            page -> page.next().isEmpty() ? null : fetch.apply(page.next()))
        .flatMap(Page::entries);
  }

  /** Says how a client connects. */
  public static final class Builder {
    private final Connecting connecting;
    private Duration timeout = Duration.ofSeconds(60);
    private Duration patience = Duration.ofSeconds(60);

    private Builder(String address) {
      this.connecting = new Connecting(address);
    }

    /** Connects by TLS, and trusts the authorities that Java trusts. */
    public Builder tls() {
      connecting.tls();
      return this;
    }

    /** Connects by TLS, and trusts the certificates in a PEM file instead. */
    public Builder trust(Path certificates) throws IOException {
      connecting.trust(certificates);
      return this;
    }

    /**
     * Connects by TLS, and shows who the client is (mTLS) by a certificate and its key, both PEM
     * files, the key in PKCS #8.
     */
    public Builder identity(Path certificate, Path key) throws IOException {
      connecting.identity(certificate, key);
      return this;
    }

    /** Shows a bearer token with every call; in plaintext to this machine alone. */
    public Builder token(String token) {
      connecting.token(token);
      return this;
    }

    /** Lets one call other than a stream take so long; a minute by default. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /**
     * Lets a server that has answered be away for so long before a call other than send and append
     * gives up; a minute by default. One that never answered is not waited for, since its address
     * is probably wrong.
     */
    public Builder patience(Duration patience) {
      this.patience = patience;
      return this;
    }

    /** Makes the client, which connects with the first call. */
    public PixretClient build() {
      return new PixretClient(connecting.calls(timeout, patience));
    }
  }
}
