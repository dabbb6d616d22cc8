package io.github.pixret.conformance;

import com.google.gson.annotations.SerializedName;
import io.github.pixret.client.PixretException;
import io.github.pixret.client.Rejection;
import java.util.ArrayList;
import java.util.List;

/** What a driver says of its job. */
final class Result {
  String report;
  Failure error;
  long received;
  final List<List<Object>> rejections = new ArrayList<>();
  final List<Long> snapshots = new ArrayList<>();
  Calls calls;

  /** A refusal of the server's. */
  record Failure(String code, String message) {
    Failure(PixretException failed) {
      this(failed.code().name(), failed.getMessage());
    }
  }

  /** What the other calls gave. */
  record Calls(
      List<List<Object>> benchmarks,
      @SerializedName("query_ids") List<String> queryIds,
      @SerializedName("image_ids") List<String> imageIds,
      List<Long> session,
      boolean listed,
      List<Double> metrics,
      List<List<Object>> rejections,
      String deleted) {
    Calls withDeleted(String code) {
      return new Calls(benchmarks, queryIds, imageIds, session, listed, metrics, rejections, code);
    }
  }

  static List<Object> plain(Rejection rejection) {
    return List.of(rejection.offset(), rejection.reason(), rejection.field());
  }
}
