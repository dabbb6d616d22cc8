package io.github.pixret.conformance;

import com.google.gson.annotations.SerializedName;

/** What a driver is to do; null where the job leaves it open. */
record Job(
    String server,
    String benchmark,
    String token,
    Tls tls,
    long distractors,
    String items,
    String transport,
    @SerializedName("batch_items") int batchItems,
    @SerializedName("snapshot_interval") Double snapshotInterval,
    Double linger,
    String session,
    Long claim,
    Double patience,
    boolean calls) {

  /** PEM files; the certificate and its key may be left out. */
  record Tls(String ca, String certificate, String key) {}
}
