/** The driver of this client: does one job and says how it went, as tests/conformance/README.md of pixret describes. */
import { readFileSync } from "node:fs";
import type { SecureClientSessionOptions } from "node:http2";

import { type Item, PixretClient, PixretError, type Rejection, type SendOptions } from "../index.js";
import { readRows, type Row, toPrediction, toRef } from "../submission.js";

interface Job {
  readonly server: string;
  readonly benchmark: string;
  readonly token: string | null;
  readonly tls: { readonly ca: string; readonly certificate: string | null; readonly key: string | null } | null;
  readonly distractors: number;
  readonly session: string | null;
  readonly items: string;
  readonly transport: "stream" | "unary";
  readonly batch_items: number;
  readonly linger: number | null;
  readonly snapshot_interval: number | null;
  readonly claim: number | null;
  readonly patience: number | null;
  readonly calls: boolean;
}

type Plain = [number, string, string];

const result = {
  report: null as string | null,
  error: null as { code: string; message: string } | null,
  received: 0,
  rejections: [] as Plain[],
  snapshots: [] as number[],
  calls: null as Record<string, unknown> | null,
};

async function run(client: PixretClient, job: Job): Promise<void> {
  const { distractors } = job;
  if (job.calls) await client.benchmarks();
  const name = job.session ?? (await client.createSession(job.benchmark, { distractors })).name;
  const options: SendOptions = {
    batchItems: job.batch_items,
    linger: job.linger ?? undefined,
    patience: job.patience ?? undefined,
    snapshotInterval: job.snapshot_interval ?? undefined,
    onSnapshot: ({ offset }) => result.snapshots.push(offset),
    onRejection: (rejection) => result.rejections.push(plain(rejection)),
  };
  const items = readItems(job.items);
  const sending = job.transport === "unary" ? client.append(name, items, options) : client.send(name, items, options);
  const { committed, chainDigest } = await sending;
  result.received = committed;
  if (job.calls) result.calls = await otherCalls(client, name);
  result.report = new TextDecoder().decode(await client.finalize(name, job.claim ?? committed, chainDigest));
  if (result.calls !== null) result.calls["deleted"] = await deleted(client, name);
}

async function otherCalls(client: PixretClient, name: string): Promise<Record<string, unknown>> {
  const benchmarks = await client.benchmarks();
  const { queryIds, imageIds } = await client.benchmark(benchmarks[0]!.name);
  const { committed, accepted, rejected } = await client.session(name);
  const metrics = (await client.snapshot(name)).protocols["medium"]!.strict.segmentation;
  const names = await collected(client.sessions());
  const rejections = await collected(client.rejections(name));
  return {
    benchmarks: benchmarks.map((each) => [each.name, each.queryCount, each.indexSize]),
    query_ids: queryIds,
    image_ids: imageIds,
    session: [committed, accepted, rejected],
    listed: names.some((each) => each.name === name),
    metrics: [metrics.miou, metrics.map50To95],
    rejections: rejections.map(plain),
  };
}

async function deleted(client: PixretClient, name: string): Promise<string> {
  await client.deleteSession(name);
  try {
    await client.session(name);
    return "OK";
  } catch (error) {
    return error instanceof PixretError ? error.code : String(error);
  }
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function plain({ offset, reason, field }: Rejection): Plain {
  return [offset, reason, field];
}

function identity({ ca, certificate, key }: NonNullable<Job["tls"]>): SecureClientSessionOptions {
  const own = certificate === null || key === null ? {} : { cert: readFileSync(certificate), key: readFileSync(key) };
  return { ca: readFileSync(ca), ...own };
}

async function* readItems(path: string): AsyncGenerator<Item> {
  for await (const [, row] of readRows(path === "-" ? process.stdin : path)) yield toItem(row);
}

function toItem({ ranking, unset, ...row }: Row): Item {
  if (ranking !== undefined) return { query: toRef(row, "query"), ranking: ranking as number[] };
  const prediction = toPrediction(row);
  return unset === true ? { ...prediction, region: undefined } : prediction;
}

const job: Job = JSON.parse(readFileSync(process.argv[2]!, "utf8"));
try {
  const client = new PixretClient(job.server, {
    token: job.token ?? undefined,
    tls: job.tls === null ? undefined : identity(job.tls),
    patience: job.patience ?? undefined,
  });
  await run(client, job);
} catch (error) {
  if (!(error instanceof PixretError)) throw error;
  result.error = { code: error.code, message: error.message };
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0)); // once the pipe has taken it
