package io.github.pixret.client;

/** Numbers that the wire carries in 32 bits without a sign. */
final class Unsigned {
  private static final long LIMIT = 1L << 32;

  private Unsigned() {}

  /** Whether a number can be carried. */
  static boolean fits(long value) {
    return 0 <= value && value < LIMIT;
  }

  /** Returns a number as it is. Throws IllegalArgumentException when it cannot be carried. */
  static long check(String what, long value) {
    if (!fits(value)) {
      throw new IllegalArgumentException(what + " is " + value + "; give one of 0 to 4294967295");
    }
    return value;
  }
}
