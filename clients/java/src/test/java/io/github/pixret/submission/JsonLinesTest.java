package io.github.pixret.submission;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.pixret.client.ImageRef;
import io.github.pixret.client.Mask;
import io.github.pixret.client.Order;
import io.github.pixret.client.Prediction;
import io.github.pixret.client.Rle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {
  private static final String NAMED = "{\"query_id\": \"q\", \"image_id\": \"i\"";

  private static JsonLines<Prediction> read(byte[] bytes) {
    return new JsonLines<>(new ByteArrayInputStream(bytes), row -> new Row(row).prediction());
  }

  private static JsonLines<Prediction> read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Mask mask(String column) {
    return read(NAMED + ", " + column + "}").next().mask();
  }

  @Test
  void readsNamesIndicesAndOrders() {
    var lines =
        read(
            """
            \ufeff{"query_id": "塔", "image_index": 4294967295, "score": 0.5}

            {"query_index": 3, "image_id": "i", "rank": 0, "level": 1, "area": 2.5}
            """);
    assertEquals(
        new Prediction(ImageRef.id("塔"), ImageRef.index(4294967295L), Mask.NONE, Order.score(0.5)),
        lines.next());
    assertEquals(
        new Prediction(ImageRef.index(3), ImageRef.id("i"), Mask.NONE, Order.rank(0)),
        lines.next());
    assertFalse(lines.hasNext());
  }

  @Test
  void readsEveryKindOfMask() {
    assertEquals(
        new Rle(2, 3, "06"), mask("\"segmentation\": {\"size\": [2, 3], \"counts\": \"06\"}"));
    var runs = (Mask.Runs) mask("\"segmentation\": {\"size\": [2, 3], \"counts\": [1, 5]}");
    assertArrayEquals(new long[] {1, 5}, runs.counts());
    var outlines = (Mask.Polygons) mask("\"polygons\": [[1, 2.5], []]");
    assertArrayEquals(new double[] {1, 2.5}, outlines.polygons().get(0));
    assertEquals(new Mask.Box(1, 2, 3, 4.5), mask("\"bbox\": [1, 2, 3, 4.5]"));
    assertEquals(Mask.NONE, mask("\"bbox\": null"));
  }

  @Test
  void whatTheWireCannotCarryIsSentAsUnreadable() {
    for (String column :
        new String[] {
          "\"bbox\": [1, 2, 3]",
          "\"segmentation\": {\"size\": [2], \"counts\": \"06\"}",
          "\"segmentation\": {\"size\": [-2, 3], \"counts\": \"06\"}",
          "\"segmentation\": {\"size\": [2, 3], \"counts\": [-1, 7]}"
        }) {
      assertInstanceOf(Mask.Unreadable.class, mask(column), column);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [1]                                | [1] is no JSON object; write one on every line
          {"query_id": "q"                   | {"query_id": "q" is no JSON object; write one on every line
          {"query_id": "q"} {}               | {"query_id": "q"} {} is no JSON object; write one on every line
          {"query_id": "q"}                  | neither image_id nor image_index is given
          {"image_id": "i"}                  | neither query_id nor query_index is given
          {"query_id": 5}                    | query_id is 5; it must be a string
          {"query_index": "5"}               | query_index is "5"; it must be a whole number
          {"query_index": -1}                | query_index is -1; it must be one of 0 to 4294967295
          {"query_index": 0.5}               | query_index is 0.5; it must be a whole number
          {"querry_id": "q"}                 | unknown column querry_id; there are query_id, query_index, image_id, image_index, score, rank, segmentation, polygons, bbox, level, area
          {"query_id": "q", "image_id": "i", "score": "high"}     | score is "high"; it must be a number
          {"query_id": "q", "image_id": "i", "score": 1, "rank": 2}     | score 1 and rank 2 are both given; give one
          {"query_id": "q", "image_id": "i", "segmentation": "06"}      | segmentation is "06"; it must be an object
          {"query_id": "q", "image_id": "i", "segmentation": {"size": [2, 3]}}     | counts is missing; it must be a list
          {"query_id": "q", "image_id": "i", "polygons": [1]}           | polygons is 1; it must be a list
          """)
  void aFaultNamesItsLine(String line, String message) {
    var lines = read(NAMED + "}\n" + line + "\n");
    lines.next();
    var fault = assertThrows(SubmissionException.class, lines::next);
    assertEquals("line 2: " + message, fault.getMessage());
  }

  @Test
  void whatIsNotUtf8NamesItsLine() {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes((NAMED + "}\n").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(new byte[] {'"', (byte) 0xff, '"', '\n'});
    var lines = read(bytes.toByteArray());
    lines.next();
    var fault = assertThrows(SubmissionException.class, lines::hasNext);
    assertEquals("line 2: it is not UTF-8", fault.getMessage());
  }
}
