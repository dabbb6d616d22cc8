package io.github.pixret.client;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The metrics of a session at one offset, scored as if nothing more came.
 *
 * @param chainDigest of the items below the offset, 64 hexadecimal digits
 * @param protocols by easy, medium and hard; a server that hides its ground truth may leave them
 *     out
 */
public record Snapshot(
    long offset,
    long accepted,
    long rejected,
    String chainDigest,
    Map<String, Protocol> protocols) {

  /**
   * The numbers of one protocol.
   *
   * @param coverage the share of the positive pairs that were predicted; empty without positives
   */
  public record Protocol(
      OptionalDouble coverage,
      Convention official,
      Convention strict,
      Bounds officialBounds,
      Bounds strictBounds) {}

  /**
   * The least and the greatest final value of every number, over all ways in which the session can
   * go on.
   */
  public record Bounds(Convention least, Convention greatest) {}

  /**
   * The numbers of one convention.
   *
   * @param rankingMap mAP of the ranking alone; empty when undefined
   * @param isExact whether the numbers are those of the authors' scripts to the last bit
   */
  public record Convention(
      Task detection, Task segmentation, OptionalDouble rankingMap, boolean isExact) {}

  /**
   * The numbers of one task, in [0, 1]; empty when undefined.
   *
   * @param map one entry for each threshold
   */
  public record Task(OptionalDouble miou, OptionalDouble map50To95, List<Double> map) {}
}
