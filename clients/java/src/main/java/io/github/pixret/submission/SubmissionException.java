package io.github.pixret.submission;

/** A line of a submission that is none; the message names it. */
public final class SubmissionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SubmissionException(long line, Exception cause) {
    super("line " + line + ": " + cause.getMessage(), cause);
  }
}
