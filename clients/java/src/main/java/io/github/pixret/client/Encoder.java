package io.github.pixret.client;

import com.google.common.primitives.Doubles;
import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import java.util.HexFormat;
import pixret.scoring.v1.Scoring;

/** Values of this package as messages of the wire. */
final class Encoder {
  private Encoder() {}

  static Scoring.Item item(Item item) {
    Scoring.Item.Builder message = Scoring.Item.newBuilder();
    if (item instanceof Prediction prediction) {
      message.setPrediction(prediction(prediction));
    } else if (item instanceof Ranking ranking) {
      message.setRanking(ranking(ranking));
    }
    return message.build();
  }

  static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static ByteString digest(String hexadecimal) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hexadecimal));
  }

  private static Scoring.Ranking.Builder ranking(Ranking ranking) {
    return Scoring.Ranking.newBuilder()
        .setQuery(ref(ranking.query()))
        .addAllImageIndices(Ints.asList(ranking.images()));
  }

  private static Scoring.Prediction.Builder prediction(Prediction prediction) {
    Scoring.Prediction.Builder message =
        Scoring.Prediction.newBuilder()
            .setQuery(ref(prediction.query()))
            .setImage(ref(prediction.image()));
    if (prediction.order() instanceof Order.Score order) {
      message.setScore(order.score());
    } else if (prediction.order() instanceof Order.Rank order) {
      message.setRank((int) order.rank());
    }
    setMask(message, prediction.mask());
    return message;
  }

  private static Scoring.ImageRef.Builder ref(ImageRef ref) {
    Scoring.ImageRef.Builder message = Scoring.ImageRef.newBuilder();
    if (ref instanceof ImageRef.Id named) {
      message.setId(named.id());
    } else if (ref instanceof ImageRef.Index placed) {
      message.setIndex((int) placed.index());
    }
    return message;
  }

  private static void setMask(Scoring.Prediction.Builder message, Mask mask) {
    if (mask instanceof Rle rle) {
      message
          .getRleBuilder()
          .setHeight((int) rle.height())
          .setWidth((int) rle.width())
          .setCounts(ByteString.copyFromUtf8(rle.counts()));
    } else if (mask instanceof Mask.Runs runs) {
      setRuns(message.getRunsBuilder(), runs);
    } else if (mask instanceof Mask.Polygons outlines) {
      Scoring.PolygonsMask.Builder polygons = message.getPolygonsBuilder();
      for (double[] outline : outlines.polygons()) {
        polygons.addPolygonsBuilder().addAllXy(Doubles.asList(outline));
      }
    } else if (mask instanceof Mask.Box box) {
      message
          .getBoxBuilder()
          .setX(box.x())
          .setY(box.y())
          .setWidth(box.width())
          .setHeight(box.height());
    } else if (mask instanceof Mask.None) {
      message.setNoMask(Scoring.NoMask.getDefaultInstance());
    } else if (mask instanceof Mask.Unreadable unreadable) {
      message.getUnreadableBuilder().setDetail(unreadable.detail());
    }
  }

  private static void setRuns(Scoring.RunsMask.Builder message, Mask.Runs runs) {
    message.setHeight((int) runs.height()).setWidth((int) runs.width());
    for (long count : runs.counts()) {
      message.addCounts((int) count);
    }
  }
}
