export { type ClientOptions, PixretClient } from "./client.js";
export { PixretError } from "./errors.js";
export type { Item, Prediction, Ranking, Ref, Region } from "./items.js";
export { encodeDense, encodeRuns, type Rle } from "./mask.js";
export type {
  Benchmark,
  Bounds,
  ConventionMetrics,
  ProtocolMetrics,
  Rejection,
  Session,
  Snapshot,
  TaskMetrics,
} from "./records.js";
export type { Progress, SendOptions } from "./stream.js";
export { readSubmission } from "./submission.js";
