package io.github.pixret.submission;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Lines of a stream in UTF-8, each as soon as it is there. A BufferedReader would copy every byte
 * twice more, and could not say in which line there is something else than UTF-8.
 */
final class Lines implements AutoCloseable {
  private final InputStream source;
  private final byte[] buffer = new byte[1 << 16];
  private int begin;
  private int end;

  Lines(InputStream source) {
    this.source = source;
  }

  /**
   * The next line without its end; null after the last. Throws CharacterCodingException when it is
   * not UTF-8.
   */
  String next() throws IOException {
    if (begin == end && !fill()) {
      return null;
    }
    int from = begin;
    begin = stop();
    return begin < end ? text(buffer, from, begin++) : longer(from);
  }

  /** Where the line in the buffer ends, or the buffer does. */
  private int stop() {
    int stop = begin;
    while (stop < end && buffer[stop] != '\n') {
      stop++;
    }
    return stop;
  }

  /** A line that goes on where the buffer ends. */
  private String longer(int from) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream(2 * buffer.length);
    whole.write(buffer, from, end - from);
    while (fill()) {
      begin = stop();
      whole.write(buffer, 0, begin);
      if (begin < end) {
        begin++;
        break;
      }
    }
    return text(whole.toByteArray(), 0, whole.size());
  }

  private boolean fill() throws IOException {
    begin = 0;
    end = Math.max(0, source.read(buffer));
    return end > 0;
  }

  private static String text(byte[] bytes, int from, int to) throws CharacterCodingException {
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd') >= 0) { // what stands for anything else; or the character itself
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    }
    return text;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
