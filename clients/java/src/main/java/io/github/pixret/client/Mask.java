package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** Where the query object is in an index image. */
public sealed interface Mask
    permits Rle, Mask.Runs, Mask.Polygons, Mask.Box, Mask.None, Mask.Unreadable, Mask.Unset {
  /** The object was deliberately not segmented. */
  Mask NONE = new None();

  /** Nothing is said, not even that nothing was found: a fault that the server names. */
  Mask UNSET = new Unset();

  /**
   * Uncompressed run lengths on the canvas of the image, column by column, background first. The
   * array is not copied.
   */
  @SuppressWarnings("ArrayRecordComponent") // as many runs as a mask has, without a box around each
  record Runs(long height, long width, long[] counts) implements Mask {
    public Runs {
      Unsigned.check("the height", height);
      Unsigned.check("the width", width);
      for (long count : counts) {
        Unsigned.check("a run", count);
      }
    }
  }

  /**
   * The union of closed outlines, each x0, y0, x1, y1, ... in pixels of the index image. The arrays
   * are not copied.
   */
  record Polygons(List<double[]> polygons) implements Mask {
    public Polygons {
      polygons = List.copyOf(polygons);
    }
  }

  /** A box in pixels of the index image. */
  record Box(double x, double y, double width, double height) implements Mask {}

  /**
   * A mask that its reader could not make sense of. The server refuses it under its own name, so
   * that nothing is lost unseen.
   */
  record Unreadable(String detail) implements Mask {
    public Unreadable {
      requireNonNull(detail, "detail");
    }
  }

  /** The type of {@link #NONE}. */
  record None() implements Mask {}

  /** The type of {@link #UNSET}. */
  record Unset() implements Mask {}
}
