package io.github.pixret.client;

import static java.util.stream.Collectors.toUnmodifiableMap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import pixret.scoring.v1.Scoring;

/** Messages of the wire as values of this package. */
final class Decoder {
  private Decoder() {}

  static Benchmark benchmark(Scoring.Benchmark message) {
    return new Benchmark(
        benchmarkName(message.getName()),
        unsigned(message.getQueryCount()),
        unsigned(message.getIndexSize()),
        new Benchmark.Labels(
            unsigned(message.getEasyCount()),
            unsigned(message.getHardCount()),
            unsigned(message.getJunkCount())),
        List.copyOf(message.getThresholdsList()),
        message.getDigest(),
        limits(message.getLimits()),
        List.copyOf(message.getQueryIdsList()),
        List.copyOf(message.getImageIdsList()));
  }

  private static Benchmark.Limits limits(Scoring.Limits message) {
    return new Benchmark.Limits(
        unsigned(message.getMaxBatchItems()),
        unsigned(message.getMaxMessageBytes()),
        unsigned(message.getMaxMaskRuns()),
        message.getMaxMaskPixels(),
        message.getMaxCoordinate(),
        unsigned(message.getMaxPolygonPoints()),
        unsigned(message.getMaxDistractors()));
  }

  static Session session(Scoring.Session message) {
    return new Session(
        message.getName(),
        benchmarkName(message.getBenchmark()),
        message.getDisplayName(),
        message.getState() == Scoring.SessionState.SESSION_STATE_FINALIZED,
        instant(message.getCreateTime()),
        message.getCommittedOffset(),
        message.getAcceptedCount(),
        message.getRejectedCount(),
        unsigned(message.getDistractorCount()),
        digest(message.getChainDigest()));
  }

  static Rejection rejection(Scoring.Rejection message) {
    return new Rejection(
        message.getOffset(),
        reason(message.getReason()),
        message.getField(),
        message.getMessage(),
        message.getQuery(),
        message.getImage());
  }

  /** The name of a kind of fault, {@code unknown} for one of a newer server. */
  private static String reason(Scoring.RejectionReason reason) {
    return reason == Scoring.RejectionReason.UNRECOGNIZED
        ? "unknown"
        : reason.name().replaceFirst("^REJECTION_REASON_", "").toLowerCase(Locale.ROOT);
  }

  static Snapshot snapshot(Scoring.Snapshot message) {
    return new Snapshot(
        message.getOffset(),
        message.getAcceptedCount(),
        message.getRejectedCount(),
        digest(message.getChainDigest()),
        message.getProtocolsList().stream()
            .collect(toUnmodifiableMap(Scoring.ProtocolMetrics::getProtocol, Decoder::protocol)));
  }

  private static Snapshot.Protocol protocol(Scoring.ProtocolMetrics message) {
    return new Snapshot.Protocol(
        optional(message.hasCoverage(), message.getCoverage()),
        convention(message.getOfficial()),
        convention(message.getStrict()),
        bounds(message.getOfficialBounds()),
        bounds(message.getStrictBounds()));
  }

  private static Snapshot.Bounds bounds(Scoring.Bounds message) {
    return new Snapshot.Bounds(convention(message.getLeast()), convention(message.getGreatest()));
  }

  private static Snapshot.Convention convention(Scoring.ConventionMetrics message) {
    return new Snapshot.Convention(
        task(message.getDetection()),
        task(message.getSegmentation()),
        optional(message.hasRankingMap(), message.getRankingMap()),
        message.getExact());
  }

  private static Snapshot.Task task(Scoring.TaskMetrics message) {
    return new Snapshot.Task(
        optional(message.hasMiou(), message.getMiou()),
        optional(message.hasMap5095(), message.getMap5095()),
        List.copyOf(message.getMapList()));
  }

  static String digest(ByteString digest) {
    return HexFormat.of().formatHex(digest.toByteArray());
  }

  private static String benchmarkName(String resource) {
    return resource.replaceFirst("^benchmarks/", "");
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  private static long unsigned(int value) {
    return Integer.toUnsignedLong(value);
  }

  private static OptionalDouble optional(boolean isSet, double value) {
    return isSet ? OptionalDouble.of(value) : OptionalDouble.empty();
  }
}
