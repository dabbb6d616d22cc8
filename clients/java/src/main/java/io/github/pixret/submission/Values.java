package io.github.pixret.submission;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/**
 * Values of a row, checked. All but the last two throw IllegalArgumentException for what is another
 * kind of value.
 */
final class Values {
  private static final int SHOWN = 60;

  private Values() {}

  static String text(String column, JsonElement value) {
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      return value.getAsString();
    }
    throw wrong(column, value, "a string");
  }

  static double number(String column, JsonElement value) {
    if (isNumber(value)) {
      return value.getAsDouble();
    }
    throw wrong(column, value, "a number");
  }

  static long index(String column, JsonElement value) {
    long number = integer(column, value);
    if (isIndex(number)) {
      return number;
    }
    throw wrong(column, value, "one of 0 to 4294967295");
  }

  static JsonObject object(String column, JsonElement value) {
    if (value.isJsonObject()) {
      return value.getAsJsonObject();
    }
    throw wrong(column, value, "an object");
  }

  static JsonArray elements(String column, JsonElement value) {
    if (value != null && value.isJsonArray()) {
      return value.getAsJsonArray();
    }
    throw wrong(column, value, "a list");
  }

  static double[] doubles(String column, JsonElement value) {
    JsonArray list = elements(column, value);
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(column, list.get(i));
    }
    return numbers;
  }

  static long[] integers(String column, JsonElement value) {
    JsonArray list = elements(column, value);
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = integer(column, list.get(i));
    }
    return numbers;
  }

  private static long integer(String column, JsonElement value) {
    try {
      if (isNumber(value)) {
        return Long.parseLong(value.getAsString());
      }
    } catch (NumberFormatException fractional) {
      throw wrong(column, value, "a whole number");
    }
    throw wrong(column, value, "a whole number");
  }

  private static boolean isNumber(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
  }

  private static IllegalArgumentException wrong(String column, JsonElement value, String wanted) {
    String shown = value == null ? "missing" : excerpt(value.toString());
    return new IllegalArgumentException(column + " is " + shown + "; it must be " + wanted);
  }

  /** Whether the wire can carry a number that it writes without a sign. */
  static boolean isIndex(long number) {
    return 0 <= number && number < 1L << 32;
  }

  /** The beginning of a text. */
  static String excerpt(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }
}
