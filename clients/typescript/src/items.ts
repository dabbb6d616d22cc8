import { create, type MessageInitShape } from "@bufbuild/protobuf";

import type { Rle } from "./mask.js";
import {
  type Item as Message,
  ItemSchema,
  PredictionSchema,
  RankingSchema,
} from "./wire/pixret/scoring/v1/scoring_pb.js";

/** A query or an index image, by name or by index. */
export type Ref = string | number;

/** Where the query object is in an index image. */
export type Region =
  | { readonly kind: "rle"; readonly rle: Rle }
  /** Run lengths, column by column, background first. */
  | { readonly kind: "runs"; readonly height: number; readonly width: number; readonly counts: readonly number[] }
  /** The union of closed outlines, each x0, y0, x1, y1, ... in pixels of the index image. */
  | { readonly kind: "polygons"; readonly polygons: readonly (readonly number[])[] }
  /** In pixels of the index image. */
  | { readonly kind: "box"; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** The object was deliberately not segmented. */
  | { readonly kind: "noMask" }
  /** A mask that its reader could not make sense of: the server refuses it under its own name. */
  | { readonly kind: "unreadable"; readonly detail: string };

/**
 * What a method says of one index image for one query. Either score (higher is better) or rank (0 is best) orders the
 * images of the query; neither does when a Ranking says the order. A region that is missing is a fault, which the server
 * names: to find nothing is said with noMask.
 */
export interface Prediction {
  readonly query: Ref;
  readonly image: Ref;
  readonly score?: number | undefined;
  readonly rank?: number | undefined;
  readonly region?: Region | undefined;
}

/** The whole order of one query: image indices, best first. */
export interface Ranking {
  readonly query: Ref;
  readonly ranking: readonly number[];
}

export type Item = Prediction | Ranking;

type Init = Exclude<MessageInitShape<typeof PredictionSchema>, { $typeName: string }>;

export function encodeItem(item: Item): Message {
  if ("ranking" in item) {
    const value = create(RankingSchema, { query: encodeRef(item.query), imageIndices: [...item.ranking] });
    return create(ItemSchema, { item: { case: "ranking", value } });
  }
  const value = create(PredictionSchema, {
    query: encodeRef(item.query),
    image: encodeRef(item.image),
    order: encodeOrder(item),
    mask: encodeMask(item.region),
  });
  return create(ItemSchema, { item: { case: "prediction", value } });
}

function encodeRef(ref: Ref) {
  return typeof ref === "string"
    ? { ref: { case: "id" as const, value: ref } }
    : { ref: { case: "index" as const, value: ref } };
}

function encodeOrder(prediction: Prediction): NonNullable<Init["order"]> {
  if (prediction.score !== undefined && prediction.rank !== undefined) {
    throw new RangeError(`score ${prediction.score} and rank ${prediction.rank} are both given; give one`);
  }
  if (prediction.score !== undefined) return { case: "score", value: prediction.score };
  if (prediction.rank !== undefined) return { case: "rank", value: prediction.rank };
  return { case: undefined };
}

const text = new TextEncoder();

function encodeMask(region: Region | undefined): NonNullable<Init["mask"]> {
  switch (region?.kind) {
    case undefined:
      return { case: undefined };
    case "rle": {
      const { height, width, counts } = region.rle;
      return { case: "rle", value: { height, width, counts: text.encode(counts) } };
    }
    case "runs":
      return {
        case: "runs",
        value: { height: region.height, width: region.width, counts: [...region.counts] },
      };
    case "polygons":
      return { case: "polygons", value: { polygons: region.polygons.map((xy) => ({ xy: [...xy] })) } };
    case "box":
      return {
        case: "box",
        value: { x: region.x, y: region.y, width: region.width, height: region.height },
      };
    case "noMask":
      return { case: "noMask", value: {} };
    case "unreadable":
      return { case: "unreadable", value: { detail: region.detail } };
  }
}
