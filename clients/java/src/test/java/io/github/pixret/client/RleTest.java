package io.github.pixret.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RleTest {
  /** A mask with its counts as pycocotools writes them; rows may be left out. */
  @SuppressWarnings("ArrayRecordComponent") // as Gson reads it
  record Vector(int height, int width, List<String> rows, long[] runs, String counts) {
    byte[] pixels() {
      byte[] pixels = new byte[height * width];
      String text = String.join("", rows);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) (text.charAt(i) - '0');
      }
      return pixels;
    }
  }

  static Stream<Vector> vectors() throws IOException {
    String json = Files.readString(Path.of("../../tests/conformance/masks.json"));
    return Stream.of(new Gson().fromJson(json, Vector[].class));
  }

  static Stream<Vector> denseVectors() throws IOException {
    return vectors().filter(vector -> vector.rows() != null && !vector.rows().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("denseVectors")
  void countsOfDenseMasksAreThoseOfPycocotools(Vector want) {
    assertEquals(want.counts(), Rle.fromDense(want.pixels(), want.height(), want.width()).counts());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void countsOfRunsAreThoseOfPycocotools(Vector want) {
    assertEquals(want.counts(), Rle.fromRuns(want.runs(), want.height(), want.width()).counts());
  }

  @Test
  void whatIsNoMaskIsRefused() {
    var pixels =
        assertThrows(IllegalArgumentException.class, () -> Rle.fromDense(new byte[5], 2, 3));
    assertEquals("5 pixels are not a mask of 2 x 3 (height x width)", pixels.getMessage());
    var sum =
        assertThrows(IllegalArgumentException.class, () -> Rle.fromRuns(new long[] {1, 2}, 2, 2));
    assertEquals("the runs sum to 3, not to height x width = 2 x 2", sum.getMessage());
    var negative =
        assertThrows(IllegalArgumentException.class, () -> Rle.fromRuns(new long[] {-1, 5}, 2, 2));
    assertEquals("a run is -1; give one of 0 to 4294967295", negative.getMessage());
  }
}
