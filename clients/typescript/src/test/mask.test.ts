import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { encodeDense, encodeRuns } from "../index.js";

interface Vector {
  readonly height: number;
  readonly width: number;
  readonly rows: readonly string[];
  readonly runs: readonly number[];
  readonly counts: string;
}

const vectors: Vector[] = JSON.parse(readFileSync("../../tests/conformance/masks.json", "utf8"));

test("counts are those of pycocotools", () => {
  for (const { height, width, rows, runs, counts } of vectors) {
    assert.equal(encodeRuns(runs, height, width).counts, counts);
    if (rows.length > 0) assert.equal(encodeDense(rows.join("").split("").map(Number), height, width).counts, counts);
  }
});

test("what is no mask is refused", () => {
  assert.throws(() => encodeDense([1, 0, 1], 2, 2), /3 pixels are not a mask of 2 x 2/);
  assert.throws(() => encodeRuns([1, 2], 2, 2), /the runs sum to 3/);
  assert.throws(() => encodeRuns([5, -1], 2, 2), RangeError);
});
