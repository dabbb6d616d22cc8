import { randomUUID } from "node:crypto";
import type { SecureClientSessionOptions } from "node:http2";

import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import pRetry from "p-retry";

import { PixretError, translated } from "./errors.js";
import type { Item } from "./items.js";
import {
  type Benchmark,
  decodeBenchmark,
  decodeRejection,
  decodeSession,
  decodeSnapshot,
  type Rejection,
  type Session,
  type Snapshot,
} from "./records.js";
import { Conversation, type Progress, type SendOptions } from "./stream.js";
import { Window } from "./window.js";
import { BenchmarkView, ScoringService } from "./wire/pixret/scoring/v1/scoring_pb.js";

/** How to connect; everything may be left out. */
export interface ClientOptions {
  /** Bearer token that goes with every call. Without TLS it travels in plaintext, so keep such a server local. */
  readonly token?: string | undefined;
  /** Options of Node's TLS (`ca`, `cert`, `key`); without them the connection is plaintext. */
  readonly tls?: SecureClientSessionOptions | undefined;
  /** Seconds that one unary call may take; 60 by default. Streams take as long as they take. */
  readonly timeout?: number;
  /**
   * Seconds that a server that has answered may be away before a call other than `send` and `append` gives up; 60 by
   * default, and 0 to give up at once. A server that never answered is not waited for: its address is probably wrong.
   */
  readonly patience?: number | undefined;
}

/** Speaks to one scoring server at HOST:PORT. Every method rejects with a PixretError when the server refuses. */
export class PixretClient {
  #stub: Client<typeof ScoringService>;
  #call: { readonly timeoutMs: number };
  #patience: number;
  #wasReached = false;

  constructor(address: string, options: ClientOptions = {}) {
    const transport = createGrpcTransport({
      baseUrl: `${options.tls === undefined ? "http" : "https"}://${address}`,
      ...(options.tls === undefined ? {} : { nodeOptions: options.tls }),
      interceptors: options.token === undefined ? [] : [bearer(options.token)],
      pingIntervalMs: 30_000,
      pingTimeoutMs: 10_000,
      readMaxBytes: 2 ** 31, // a report is as long as it is
    });
    this.#stub = createClient(ScoringService, transport);
    this.#call = { timeoutMs: 1000 * (options.timeout ?? 60) };
    this.#patience = options.patience ?? 60;
  }

  /** All benchmarks of the server, without names. */
  async benchmarks(): Promise<Benchmark[]> {
    const { benchmarks } = await this.#ask(() => this.#stub.listBenchmarks({}, this.#call));
    return benchmarks.map(decodeBenchmark);
  }

  /** One benchmark, with the names of its queries and index images. */
  async benchmark(name: string): Promise<Benchmark> {
    const request = { name: `benchmarks/${name}`, view: BenchmarkView.FULL };
    return decodeBenchmark(present((await this.#ask(() => this.#stub.getBenchmark(request, this.#call))).benchmark));
  }

  /** Opens a session, or finds the one that the same requestId opened before. */
  async createSession(
    benchmark: string,
    { requestId = randomUUID() as string, distractors = 0, displayName = "" } = {},
  ): Promise<Session> {
    const request = { benchmark: `benchmarks/${benchmark}`, requestId, distractorCount: distractors, displayName };
    return decodeSession(present((await this.#ask(() => this.#stub.createSession(request, this.#call))).session));
  }

  /** A session as it stands. */
  async session(name: string): Promise<Session> {
    return decodeSession(present((await this.#ask(() => this.#stub.getSession({ name }, this.#call))).session));
  }

  /** All sessions, oldest first. */
  async *sessions(): AsyncGenerator<Session> {
    let pageToken = "";
    do {
      const page = await this.#ask(() => this.#stub.listSessions({ pageToken }, this.#call));
      yield* page.sessions.map(decodeSession);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /** Ends a session and forgets what it holds. */
  async deleteSession(name: string): Promise<void> {
    let tries = 0;
    try {
      await this.#ask(() => {
        tries++;
        return this.#stub.deleteSession({ name }, this.#call);
      });
    } catch (error) {
      const isGone = error instanceof PixretError && error.code === "NOT_FOUND";
      if (!isGone || tries === 1) throw error; // else a try before did it, and its answer was lost
    }
  }

  /** The metrics of what a session has received. */
  async snapshot(session: string): Promise<Snapshot> {
    return decodeSnapshot(present((await this.#ask(() => this.#stub.getSnapshot({ session }, this.#call))).snapshot));
  }

  /** The refused items of a session, by offset. */
  async *rejections(session: string): AsyncGenerator<Rejection> {
    let pageToken = "";
    do {
      const page = await this.#ask(() => this.#stub.listRejections({ session, pageToken }, this.#call));
      yield* page.rejections.map(decodeRejection);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /**
   * Closes a session that has received so many items, of this digest if one is given, and returns its report, the bytes
   * of a JSON text.
   */
  async finalize(session: string, received: number, chainDigest: Uint8Array = new Uint8Array()): Promise<Uint8Array> {
    const request = { session, itemCount: BigInt(received), chainDigest };
    return (await this.#ask(() => this.#stub.finalizeSession(request, this.#call))).reportJson;
  }

  /**
   * Streams items to a session until the server has acknowledged all of them. The items are the whole submission: as
   * many as the session holds already are passed over. A connection that breaks is taken up again, and what was not
   * acknowledged is sent again; exactly one outcome is counted for each item.
   */
  async send(
    session: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: SendOptions = {},
  ): Promise<Progress> {
    const window = new Window(items, options);
    try {
      for (let reached = 0; ; ) {
        // A try that got further ends without an error, so that patience begins anew.
        const progress = await patiently(options, async () => {
          const conversation = new Conversation(window, options, reached);
          try {
            return await conversation.run(this.#stub, session);
          } catch (error) {
            if (!isUnavailable(error) || conversation.committed <= reached) throw error;
            reached = conversation.committed;
            return undefined;
          }
        });
        if (progress !== undefined) {
          this.#wasReached = true;
          return progress;
        }
      }
    } finally {
      await window.close();
    }
  }

  /** Sends like `send`, by one call for each batch, where a stream is awkward. The one snapshot comes at the end. */
  async append(
    session: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: SendOptions = {},
  ): Promise<Progress> {
    const window = new Window(items, options);
    try {
      const state = present((await this.#ask(() => this.#stub.getSession({ name: session }, this.#call), options.signal)).session);
      await window.passOver(state);
      for (let committed = Number(state.committedOffset); ; await window.advance(committed)) {
        const batch = await window.batch(committed);
        if (batch === undefined) {
          const answer = await this.#ask(() => this.#stub.getSnapshot({ session }, this.#call), options.signal);
          const last = decodeSnapshot(present(answer.snapshot));
          options.onSnapshot?.(last);
          return { committed, chainDigest: window.chain, last };
        }
        // To send it again is safe: the offset says which items they are.
        const response = await patiently(options, () => asked(this.#stub.appendPredictions({ session, batch }, this.#call)));
        committed = Number(present(response.ack).committedOffset);
        for (const each of response.rejections) options.onRejection?.(decodeRejection(each));
      }
    } finally {
      await window.close();
    }
  }

  /** Makes one call, and makes it again while a server that has answered is away: every call may be repeated. */
  async #ask<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const patience = this.#wasReached ? this.#patience : 0;
    try {
      const answer = await patiently({ patience, ...(signal && { signal }) }, () => asked(call()));
      this.#wasReached = true;
      return answer;
    } catch (error) {
      this.#wasReached ||= error instanceof PixretError && !error.unavailable && error.code !== "DEADLINE_EXCEEDED";
      throw error;
    }
  }
}

/** Tries again while the server is away and patience lasts. */
function patiently<T>(options: Pick<SendOptions, "patience" | "signal">, attempt: () => Promise<T>): Promise<T> {
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 50, // times one to two
    maxTimeout: 5_000,
    randomize: true,
    maxRetryTime: 1000 * (options.patience ?? 120),
    shouldRetry: ({ error }) => isUnavailable(error),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof PixretError && error.unavailable;
}

async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translated(error);
  }
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new TypeError("the server left out a part that the contract promises");
  return part;
}

function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
