package io.github.pixret.score;

import io.github.pixret.client.PixretClient;
import io.github.pixret.client.PixretException;
import io.github.pixret.client.Progress;
import io.github.pixret.client.SendOptions;
import io.github.pixret.client.Session;
import io.github.pixret.client.Snapshot;
import io.github.pixret.submission.JsonLines;
import io.github.pixret.submission.SubmissionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Streams a submission in JSON Lines to a scoring server and prints the report. */
@Command(
    name = "pixret-score",
    description = "Streams a submission to a scoring server and prints the report.")
public final class ScoreCommand implements Callable<Integer> {
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  @Option(
      names = "--server",
      description = "HOST:PORT of the scoring server; ${DEFAULT-VALUE} if not given.")
  private String server = "127.0.0.1:50051";

  @Option(
      names = "--benchmark",
      description = "Benchmark to score against; ${DEFAULT-VALUE} if not given.")
  private String benchmark = "mini";

  @Option(names = "--token-file", description = "File that holds a bearer token.")
  private Path tokenFile;

  @Option(
      names = "--tls-ca",
      description = "Connect by TLS, and trust the certificates in this PEM file.")
  private Path authority;

  @Parameters(paramLabel = "SUBMISSION", description = "Submission in JSON Lines.")
  private Path submission;

  @Option(names = "--help", usageHelp = true, description = "Show this and exit.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean isHelp;

  public static void main(String[] arguments) {
    GRPC.setLevel(Level.SEVERE); // what it warns of comes as an exception, too
    System.exit(
        new CommandLine(new ScoreCommand())
            .setExecutionExceptionHandler(ScoreCommand::explain)
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    SendOptions options =
        SendOptions.builder()
            .snapshotInterval(Duration.ofSeconds(1))
            .onSnapshot(ScoreCommand::show)
            .onRejection(refused -> System.err.println("rejected: " + refused))
            .build();
    try (PixretClient client = connect();
        var predictions = JsonLines.open(submission)) {
      Session session = client.createSession(benchmark);
      Progress progress = client.send(session.name(), predictions, options);
      String report = client.finalizeSession(session.name(), progress.totals()).json();
      System.out.write(report.getBytes(StandardCharsets.UTF_8));
      System.out.flush();
      return 0;
    }
  }

  private PixretClient connect() throws IOException {
    PixretClient.Builder builder = PixretClient.builder(server);
    if (tokenFile != null) {
      builder.token(Files.readString(tokenFile).strip());
    }
    if (authority != null) {
      builder.trust(authority);
    }
    return builder.build();
  }

  private static void show(Snapshot snapshot) {
    Snapshot.Protocol medium = snapshot.protocols().get("medium");
    if (medium == null) {
      return; // the server hides its ground truth
    }
    Snapshot.Task numbers = medium.strict().segmentation();
    System.err.printf(
        "%d items: medium mIoU %.2f, mAP %.2f%n",
        snapshot.offset(),
        100 * numbers.miou().orElse(Double.NaN),
        100 * numbers.map50To95().orElse(Double.NaN));
  }

  private static int explain(Exception error, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (error instanceof IOException) {
      System.err.println(error); // some of them say which file it is, and nothing else
      return 2;
    }
    if (error instanceof PixretException
        || error instanceof SubmissionException
        || error instanceof IllegalArgumentException) {
      System.err.println(error.getMessage());
      return 2;
    }
    throw error;
  }
}
