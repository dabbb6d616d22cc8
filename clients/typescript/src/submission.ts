import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import type { Prediction, Ref, Region } from "./items.js";

const COLUMNS = new Set(
  "query_id query_index image_id image_index score rank segmentation polygons bbox level area".split(" "),
);

/** A row of a submission in JSON Lines. */
export type Row = Readonly<Record<string, unknown>>;

/** Reads a submission, one JSON object a line; rejects with an error that names the line of what is none. */
export async function* readSubmission(source: string | Readable): AsyncGenerator<Prediction> {
  for await (const [number, row] of readRows(source)) {
    try {
      yield toPrediction(row);
    } catch (error) {
      throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Yields the lines that are not empty, parsed, with their numbers from 1. */
export async function* readRows(source: string | Readable): AsyncGenerator<[number, Row]> {
  const input = typeof source === "string" ? createReadStream(source) : source;
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const text = line.replace(/^\uFEFF/, "").trim();
    if (text === "") continue;
    const row: unknown = parsed(text, number);
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new SyntaxError(`line ${number}: a row is a JSON object, not ${text.slice(0, 60)}`);
    }
    yield [number, row as Row];
  }
}

function parsed(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${(error as Error).message}`);
  }
}

/** The prediction that a row stands for. Throws when it lacks a name, has two orders, or a column that there is not. */
export function toPrediction(row: Row): Prediction {
  const unknown = Object.keys(row).find((key) => !COLUMNS.has(key));
  if (unknown !== undefined) throw new SyntaxError(`unknown column ${unknown}; a row has ${[...COLUMNS].join(", ")}`);
  const { score, rank } = row;
  return {
    query: toRef(row, "query"),
    image: toRef(row, "image"),
    region: toRegion(row),
    score: score == null ? undefined : checked("score", score, isNumber),
    rank: rank == null ? undefined : checked("rank", rank, isIndex),
  };
}

/** The query or the index image of a row, by id or by index. */
export function toRef(row: Row, what: "query" | "image"): Ref {
  const id = row[`${what}_id`];
  const index = row[`${what}_index`];
  if (id != null) return checked(`${what}_id`, id, (value) => typeof value === "string");
  if (index != null) return checked(`${what}_index`, index, isIndex);
  throw new SyntaxError(`neither ${what}_id nor ${what}_index is given`);
}

function toRegion({ segmentation, polygons, bbox }: Row): Region {
  if (segmentation != null) return toMask(checked("segmentation", segmentation, isObject));
  if (polygons != null) {
    return { kind: "polygons", polygons: checked("polygons", polygons, (value) => isListOf(value, isNumbers)) };
  }
  if (bbox == null) return { kind: "noMask" };
  const box = checked<number[]>("bbox", bbox, isNumbers);
  if (box.length !== 4) {
    return { kind: "unreadable", detail: `bbox [${box.join(", ")}] is not [x, y, width, height]` };
  }
  const [x, y, width, height] = box as [number, number, number, number];
  return { kind: "box", x, y, width, height };
}

/** A COCO RLE. What the wire cannot carry is sent as unreadable, for the server to refuse by name. */
function toMask({ size, counts }: Row): Region {
  if (!isListOf(size, isIndex) || (size as number[]).length !== 2) {
    return { kind: "unreadable", detail: `size ${JSON.stringify(size)} is not [height, width]` };
  }
  const [height, width] = size as [number, number];
  if (typeof counts === "string") return { kind: "rle", rle: { height, width, counts } };
  if (isListOf(counts, isIndex)) return { kind: "runs", height, width, counts: counts as number[] };
  return { kind: "unreadable", detail: "counts are neither a string nor a list of lengths" };
}

function checked<T>(column: string, value: unknown, fits: (value: unknown) => boolean): T {
  if (!fits(value)) throw new SyntaxError(`${column} is ${JSON.stringify(value)?.slice(0, 60)}, which is none`);
  return value as T;
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function isNumbers(value: unknown): boolean {
  return isListOf(value, isNumber);
}

function isListOf(value: unknown, fits: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
