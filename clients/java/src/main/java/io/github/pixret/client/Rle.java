package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * A mask as COCO compressed run lengths, column by column, background first.
 *
 * @param counts as pycocotools writes them
 */
public record Rle(long height, long width, String counts) implements Mask {
  public Rle {
    Unsigned.check("the height", height);
    Unsigned.check("the width", width);
    requireNonNull(counts, "counts");
  }

  /** Encodes height * width pixels in row-major order; whatever is not zero is foreground. */
  public static Rle fromDense(byte[] pixels, int height, int width) {
    if (height < 1 || width < 1 || pixels.length != (long) height * width) {
      throw new IllegalArgumentException(
          "%d pixels are not a mask of %d x %d (height x width)"
              .formatted(pixels.length, height, width));
    }
    long[] runs = new long[pixels.length + 1];
    int last = 0;
    boolean foreground = false;
    for (int x = 0; x < width; x++) {
      for (int at = x; at < pixels.length; at += width) {
        if ((pixels[at] != 0) != foreground) {
          foreground = !foreground;
          last++;
        }
        runs[last]++;
      }
    }
    return fromRuns(Arrays.copyOf(runs, last + 1), height, width);
  }

  /**
   * Compresses run lengths, which alternate between background and foreground and sum to height *
   * width.
   */
  public static Rle fromRuns(long[] runs, int height, int width) {
    if (height < 1 || width < 1 || sum(runs) != (long) height * width) {
      throw new IllegalArgumentException(
          "the runs sum to %d, not to height x width = %d x %d"
              .formatted(sum(runs), height, width));
    }
    StringBuilder counts = new StringBuilder(2 * runs.length);
    for (int i = 0; i < runs.length; i++) {
      // From the fourth on, as the difference from the run two before.
      append(counts, i > 2 ? runs[i] - runs[i - 2] : runs[i]);
    }
    return new Rle(height, width, counts.toString());
  }

  private static long sum(long[] runs) {
    long sum = 0;
    for (long run : runs) {
      sum += Unsigned.check("a run", run);
    }
    return sum;
  }

  /**
   * Appends 5 bits a character, lowest first; bit 5 says that more follow, bit 4 of the last is the
   * sign.
   */
  private static void append(StringBuilder counts, long value) {
    long rest = value;
    boolean more;
    do {
      long bits = rest & 31;
      rest >>= 5;
      more = (bits & 16) == 0 ? rest != 0 : rest != -1;
      counts.append((char) (48 + (more ? bits | 32 : bits)));
    } while (more);
  }
}
