package io.github.pixret.client;

import static java.util.Objects.requireNonNull;

/** A query or an index image, by name or by position. */
public sealed interface ImageRef {
  /** Refers by name, as in the lists of {@link Benchmark}. */
  static ImageRef id(String id) {
    return new Id(id);
  }

  /** Refers by position in the lists of {@link Benchmark}. */
  static ImageRef index(long index) {
    return new Index(index);
  }

  /** A name. */
  record Id(String id) implements ImageRef {
    public Id {
      requireNonNull(id, "id");
    }
  }

  /** A position, from 0. */
  record Index(long index) implements ImageRef {
    public Index {
      Unsigned.check("an index", index);
    }
  }
}
