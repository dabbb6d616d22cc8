package io.github.pixret.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import pixret.scoring.v1.Scoring;
import pixret.scoring.v1.Scoring.RejectionReason;

class DecoderTest {
  @Test
  void reasonsAreNamedAndThoseOfANewerServerAreUnknown() {
    var known =
        Scoring.Rejection.newBuilder().setReason(RejectionReason.REJECTION_REASON_INVALID_MASK);
    var newer = Scoring.Rejection.newBuilder().setReasonValue(99);
    assertEquals("invalid_mask", Decoder.rejection(known.build()).reason());
    assertEquals("unknown", Decoder.rejection(newer.build()).reason());
  }

  @Test
  void numbersThatAreUndefinedAreEmpty() {
    var medium = Scoring.ProtocolMetrics.newBuilder().setProtocol("medium").setCoverage(0);
    var snapshot = Decoder.snapshot(Scoring.Snapshot.newBuilder().addProtocols(medium).build());
    Snapshot.Protocol protocol = snapshot.protocols().get("medium");
    assertEquals(OptionalDouble.of(0), protocol.coverage());
    assertEquals(OptionalDouble.empty(), protocol.strict().segmentation().miou());
  }

  @Test
  void countsBeyondThirtyOneBitsStayPositive() {
    var session = Scoring.Session.newBuilder().setDistractorCount(-1).build();
    assertEquals(4294967295L, Decoder.session(session).distractors());
  }
}
