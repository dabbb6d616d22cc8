#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { PixretClient, readSubmission, type Snapshot } from "../index.js";

/** Streams a submission in JSON Lines to a scoring server and prints the report. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: "string", default: "127.0.0.1:50051" },
      benchmark: { type: "string", default: "mini" },
      "token-file": { type: "string" },
      "tls-ca": { type: "string" },
    },
  });
  const [path] = positionals;
  if (path === undefined) throw new Error("usage: pixret-score [--server HOST:PORT] SUBMISSION.jsonl");
  const tokenFile = values["token-file"];
  const authority = values["tls-ca"];
  const client = new PixretClient(values.server, {
    token: tokenFile && readFileSync(tokenFile, "utf8").trim(),
    tls: authority === undefined ? undefined : { ca: readFileSync(authority) },
  });
  const session = await client.createSession(values.benchmark);
  const { committed, chainDigest } = await client.send(session.name, readSubmission(path), {
    snapshotInterval: 1,
    onSnapshot: show,
    onRejection: ({ offset, reason, message }) => console.error(`rejected: item ${offset}, ${reason}: ${message}`),
  });
  process.stdout.write(await client.finalize(session.name, committed, chainDigest));
}

function show({ offset, protocols }: Snapshot): void {
  const { miou, map50To95 } = protocols["medium"]?.strict.segmentation ?? {};
  if (miou !== undefined && map50To95 !== undefined) {
    console.error(`${offset} items: medium mIoU ${(100 * miou).toFixed(2)}, mAP ${(100 * map50To95).toFixed(2)}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
