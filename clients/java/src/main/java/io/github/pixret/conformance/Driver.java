package io.github.pixret.conformance;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.pixret.client.Benchmark;
import io.github.pixret.client.Item;
import io.github.pixret.client.Mask;
import io.github.pixret.client.PixretClient;
import io.github.pixret.client.PixretException;
import io.github.pixret.client.Prediction;
import io.github.pixret.client.Progress;
import io.github.pixret.client.Ranking;
import io.github.pixret.client.SendOptions;
import io.github.pixret.client.Session;
import io.github.pixret.client.SessionOptions;
import io.github.pixret.client.Snapshot;
import io.github.pixret.client.Totals;
import io.github.pixret.submission.JsonLines;
import io.github.pixret.submission.Row;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The driver of this client: does one job and says how it went. tests/conformance/README.md in the
 * repository says what a driver does.
 */
final class Driver {
  private final PixretClient client;
  private final Job job;
  private final Result result = new Result();

  private Driver(PixretClient client, Job job) {
    this.client = client;
    this.job = job;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    Job job = gson.fromJson(Files.readString(Path.of(arguments[0])), Job.class);
    PixretClient.Builder builder = PixretClient.builder(job.server());
    if (job.token() != null) {
      builder.token(job.token());
    }
    if (job.tls() != null) {
      builder.trust(Path.of(job.tls().ca()));
      if (job.tls().certificate() != null) {
        builder.identity(Path.of(job.tls().certificate()), Path.of(job.tls().key()));
      }
    }
    if (job.patience() != null) {
      builder.patience(seconds(job.patience()));
    }
    try (PixretClient client = builder.build()) {
      Driver driver = new Driver(client, job);
      driver.run();
      new PrintStream(System.out, true, StandardCharsets.UTF_8).println(gson.toJson(driver.result));
    }
  }

  private void run() throws IOException, InterruptedException {
    try {
      if (job.calls()) {
        var unused = client.benchmarks();
      }
      String session = job.session() == null ? create().name() : job.session();
      Progress progress = send(session);
      result.received = progress.committed();
      Result.Calls calls = job.calls() ? otherCalls(session) : null;
      long claim = job.claim() == null ? progress.committed() : job.claim();
      Totals totals = Totals.ofItems(claim).withChainDigest(progress.chainDigest());
      result.report = client.finalizeSession(session, totals).json();
      if (calls != null) {
        result.calls = calls.withDeleted(deleted(session));
      }
    } catch (PixretException failed) {
      result.error = new Result.Failure(failed);
    }
  }

  private Session create() {
    return client.createSession(
        job.benchmark(), new SessionOptions().withDistractors(job.distractors()));
  }

  private Progress send(String session) throws IOException, InterruptedException {
    SendOptions.Builder options =
        SendOptions.builder()
            .batchItems(job.batchItems())
            .onSnapshot(snapshot -> result.snapshots.add(snapshot.offset()))
            .onRejection(rejection -> result.rejections.add(Result.plain(rejection)));
    if (job.snapshotInterval() != null) {
      options.snapshotInterval(seconds(job.snapshotInterval()));
    }
    if (job.patience() != null) {
      options.patience(seconds(job.patience()));
    }
    if (job.linger() != null) {
      options.linger(seconds(job.linger()));
    }
    try (InputStream source =
            job.items().equals("-") ? System.in : Files.newInputStream(Path.of(job.items()));
        JsonLines<Item> items = new JsonLines<>(source, Driver::item)) {
      return job.transport().equals("unary")
          ? client.append(session, items, options.build())
          : client.send(session, items, options.build());
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private static Item item(JsonObject line) {
    JsonElement ranking = line.remove("ranking");
    JsonElement unset = line.remove("unset");
    Row row = new Row(line);
    if (ranking != null) {
      int[] images = new int[ranking.getAsJsonArray().size()];
      for (int i = 0; i < images.length; i++) {
        images[i] = ranking.getAsJsonArray().get(i).getAsInt();
      }
      return new Ranking(row.query(), images);
    }
    Prediction prediction = row.prediction();
    return unset == null
        ? prediction
        : new Prediction(prediction.query(), prediction.image(), Mask.UNSET, prediction.order());
  }

  private Result.Calls otherCalls(String session) {
    List<Benchmark> benchmarks = client.benchmarks();
    Benchmark full = client.benchmark(benchmarks.get(0).name());
    Session state = client.session(session);
    Snapshot.Task metrics =
        client.snapshot(session).protocols().get("medium").strict().segmentation();
    return new Result.Calls(
        benchmarks.stream()
            .map(each -> List.<Object>of(each.name(), each.queryCount(), each.indexSize()))
            .toList(),
        full.queryIds(),
        full.imageIds(),
        List.of(state.committed(), state.accepted(), state.rejected()),
        client.sessions().anyMatch(each -> each.name().equals(session)),
        List.of(number(metrics.miou()), number(metrics.map50To95())),
        client.rejections(session).map(Result::plain).toList(),
        null);
  }

  private static double number(OptionalDouble value) {
    return value.orElseThrow();
  }

  private String deleted(String session) {
    client.deleteSession(session);
    try {
      return client.session(session).name();
    } catch (PixretException failed) {
      return failed.code().name();
    }
  }
}
