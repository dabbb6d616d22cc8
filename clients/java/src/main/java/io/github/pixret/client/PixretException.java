package io.github.pixret.client;

import static java.util.Objects.requireNonNullElse;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A call that the server refused, or that did not reach it. */
public final class PixretException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;
  private final transient Map<String, String> fields;

  PixretException(Status.Code code, String message) {
    super(message + " (" + code + ")");
    this.code = code;
    this.fields = Map.of();
  }

  private PixretException(Status status, String detail, Throwable cause) {
    super(detail + " (" + status.getCode() + ")", cause);
    this.code = status.getCode();
    this.fields = fields(cause);
  }

  /** What a call of gRPC to a server failed with. */
  static PixretException of(Throwable failed, String server) {
    Status status = Status.fromThrowable(failed);
    return new PixretException(status, detail(status, server), failed);
  }

  /** gRPC's code; its name is that of the contract, as in FAILED_PRECONDITION. */
  public Status.Code code() {
    return code;
  }

  /** What is wrong with which field, where the server told so. */
  public Map<String, String> fields() {
    return fields == null ? Map.of() : fields;
  }

  /** Whether the server was not reached or is about to stop: the same call may go through later. */
  public boolean isUnavailable() {
    return code == Status.Code.UNAVAILABLE;
  }

  /** What the server said; or, when it was not reached, why, which gRPC hides in the cause. */
  private static String detail(Status status, String server) {
    Throwable reason = status.getCause();
    if (status.getCode() != Status.Code.UNAVAILABLE || reason == null) {
      return requireNonNullElse(status.getDescription(), "no details");
    }
    while (reason.getCause() != null) {
      reason = reason.getCause();
    }
    return "scoring server " + server + " is not reached: " + reason.getMessage();
  }

  private static Map<String, String> fields(Throwable cause) {
    Map<String, String> fields = new TreeMap<>();
    com.google.rpc.Status status = StatusProto.fromThrowable(cause);
    if (status != null) {
      for (Any detail : status.getDetailsList()) {
        for (FieldViolation violation : violations(detail)) {
          fields.put(violation.getField(), violation.getDescription());
        }
      }
    }
    return Map.copyOf(fields);
  }

  private static Iterable<FieldViolation> violations(Any detail) {
    try {
      return detail.is(BadRequest.class)
          ? detail.unpack(BadRequest.class).getFieldViolationsList()
          : List.of();
    } catch (InvalidProtocolBufferException damaged) {
      return List.of(); // the status itself still says what happened
    }
  }
}
