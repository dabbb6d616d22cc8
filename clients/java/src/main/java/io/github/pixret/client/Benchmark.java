package io.github.pixret.client;

import java.util.List;

/**
 * What a server scores.
 *
 * @param thresholds IoU thresholds of mAP@50:5:95, ascending
 * @param digest of the ground truth; equal digests give comparable numbers
 * @param queryIds names by index, when names were asked for
 * @param imageIds names by index, when names were asked for
 */
public record Benchmark(
    String name,
    long queryCount,
    long indexSize,
    Labels labels,
    List<Double> thresholds,
    String digest,
    Limits limits,
    List<String> queryIds,
    List<String> imageIds) {

  /** Labelled (query, index image) pairs, over all queries. */
  public record Labels(long easy, long hard, long junk) {}

  /** What the server accepts in one message. */
  public record Limits(
      long maxBatchItems,
      long maxMessageBytes,
      long maxMaskRuns,
      long maxMaskPixels,
      double maxCoordinate,
      long maxPolygonPoints,
      long maxDistractors) {}
}
