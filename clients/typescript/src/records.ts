import {
  type Benchmark as BenchmarkMessage,
  type Bounds as BoundsMessage,
  type ConventionMetrics as ConventionMessage,
  RejectionReason,
  type Rejection as RejectionMessage,
  type Session as SessionMessage,
  SessionState,
  type Snapshot as SnapshotMessage,
  type TaskMetrics as TaskMessage,
} from "./wire/pixret/scoring/v1/scoring_pb.js";

/** A benchmark that a server scores; the names are empty unless they were asked for. */
export interface Benchmark {
  readonly name: string;
  readonly queryCount: number;
  readonly indexSize: number;
  readonly digest: string;
  readonly maxBatchItems: number;
  readonly maxMessageBytes: number;
  readonly queryIds: readonly string[];
  readonly imageIds: readonly string[];
}

/** One submission on a server. Every item below `committed` is durable and has exactly one outcome. */
export interface Session {
  readonly name: string;
  readonly benchmark: string;
  readonly displayName: string;
  readonly finalized: boolean;
  readonly committed: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly distractors: number;
}

/** Why an item does not count; the reason is a name such as "invalid_mask". */
export interface Rejection {
  readonly offset: number;
  readonly reason: string;
  readonly field: string;
  readonly message: string;
  readonly query: string;
  readonly image: string;
}

/**
 * The metrics of a session at one offset, scored as if nothing more came. Protocols: easy, medium, hard; a server that
 * hides its ground truth may leave them out. `chainDigest` is that of the items below the offset.
 */
export interface Snapshot {
  readonly offset: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly chainDigest: Uint8Array;
  readonly protocols: Readonly<Record<string, ProtocolMetrics>>;
}

/** The numbers of one protocol; coverage is undefined without positives. */
export interface ProtocolMetrics {
  readonly coverage: number | undefined;
  readonly official: ConventionMetrics;
  readonly strict: ConventionMetrics;
  readonly officialBounds: Bounds;
  readonly strictBounds: Bounds;
}

/** The least and the greatest final value of every number, over all ways in which the session can go on. */
export interface Bounds {
  readonly least: ConventionMetrics;
  readonly greatest: ConventionMetrics;
}

/** The numbers of one convention. */
export interface ConventionMetrics {
  readonly detection: TaskMetrics;
  readonly segmentation: TaskMetrics;
  readonly rankingMap: number | undefined;
  readonly exact: boolean;
}

/** The numbers of one task, in [0, 1], undefined where they are; `map` has one entry for each threshold. */
export interface TaskMetrics {
  readonly miou: number | undefined;
  readonly map50To95: number | undefined;
  readonly map: readonly number[];
}

export function decodeBenchmark(message: BenchmarkMessage): Benchmark {
  const { queryCount, indexSize, digest, limits, queryIds, imageIds } = message;
  return {
    name: message.name.replace(/^benchmarks\//, ""),
    queryCount,
    indexSize,
    digest,
    maxBatchItems: limits?.maxBatchItems ?? 0,
    maxMessageBytes: limits?.maxMessageBytes ?? 0,
    queryIds,
    imageIds,
  };
}

export function decodeSession(message: SessionMessage): Session {
  return {
    name: message.name,
    benchmark: message.benchmark.replace(/^benchmarks\//, ""),
    displayName: message.displayName,
    finalized: message.state === SessionState.FINALIZED,
    committed: Number(message.committedOffset),
    accepted: Number(message.acceptedCount),
    rejected: Number(message.rejectedCount),
    distractors: message.distractorCount,
  };
}

export function decodeRejection(message: RejectionMessage): Rejection {
  const { field, message: words, query, image } = message;
  const reason = RejectionReason[message.reason] ?? "unknown";
  return { offset: Number(message.offset), reason: reason.toLowerCase(), field, message: words, query, image };
}

export function decodeSnapshot(message: SnapshotMessage): Snapshot {
  const protocols = message.protocols.map((metrics): [string, ProtocolMetrics] => [
    metrics.protocol,
    {
      coverage: metrics.coverage,
      official: decodeConvention(metrics.official),
      strict: decodeConvention(metrics.strict),
      officialBounds: decodeBounds(metrics.officialBounds),
      strictBounds: decodeBounds(metrics.strictBounds),
    },
  ]);
  return {
    offset: Number(message.offset),
    accepted: Number(message.acceptedCount),
    rejected: Number(message.rejectedCount),
    chainDigest: message.chainDigest,
    protocols: Object.fromEntries(protocols),
  };
}

function decodeBounds(message: BoundsMessage | undefined): Bounds {
  return { least: decodeConvention(message?.least), greatest: decodeConvention(message?.greatest) };
}

function decodeConvention(message: ConventionMessage | undefined): ConventionMetrics {
  return {
    detection: decodeTask(message?.detection),
    segmentation: decodeTask(message?.segmentation),
    rankingMap: message?.rankingMap,
    exact: message?.exact ?? false,
  };
}

function decodeTask(message: TaskMessage | undefined): TaskMetrics {
  return { miou: message?.miou, map50To95: message?.map5095, map: message?.map ?? [] };
}
