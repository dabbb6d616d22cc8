package io.github.pixret.submission;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import io.github.pixret.client.Item;
import io.github.pixret.client.Prediction;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Reads items from JSON Lines, one object a line; lines without any are passed over. Throws {@link
 * SubmissionException}, which names the line, for what is no item.
 */
public final class JsonLines<T extends Item> implements Iterator<T>, AutoCloseable {
  private static final Gson GSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  private final Lines lines;
  private final Function<JsonObject, ? extends T> parse;
  private long number;
  private String line; // the next one, null when it was not read yet

  /**
   * Reads a stream, whose objects become items by a function that throws IllegalArgumentException
   * for what is none.
   */
  public JsonLines(InputStream source, Function<JsonObject, ? extends T> parse) {
    this.lines = new Lines(source);
    this.parse = parse;
  }

  /** Opens a submission, whose lines are rows. */
  public static JsonLines<Prediction> open(Path path) throws IOException {
    return new JsonLines<>(Files.newInputStream(path), row -> new Row(row).prediction());
  }

  @Override
  public boolean hasNext() {
    try {
      while (line == null) {
        number++;
        String read = lines.next();
        if (read == null) {
          return false;
        }
        String bare = number == 1 && read.startsWith("\ufeff") ? read.substring(1) : read;
        line = bare.isBlank() ? null : bare;
      }
      return true;
    } catch (CharacterCodingException foreign) {
      throw new SubmissionException(number, new IOException("it is not UTF-8", foreign));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    String text = line;
    line = null;
    try {
      return parse.apply(object(text));
    } catch (IllegalArgumentException fault) {
      throw new SubmissionException(number, fault);
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  private static JsonObject object(String text) {
    try {
      JsonElement value = GSON.fromJson(text, JsonElement.class);
      if (value.isJsonObject()) {
        return value.getAsJsonObject();
      }
    } catch (JsonParseException broken) {
      throw new IllegalArgumentException(description(text), broken);
    }
    throw new IllegalArgumentException(description(text));
  }

  private static String description(String text) {
    return Values.excerpt(text) + " is no JSON object; write one on every line";
  }
}
