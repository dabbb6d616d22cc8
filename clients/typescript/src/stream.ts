import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Client, ConnectError, Code } from "@connectrpc/connect";

import { translated } from "./errors.js";
import { decodeRejection, decodeSnapshot, type Rejection, type Snapshot } from "./records.js";
import type { Window } from "./window.js";
import {
  type ScoringService,
  type Session,
  type StreamPredictionsRequest,
  StreamPredictionsRequestSchema,
  type StreamPredictionsResponse,
} from "./wire/pixret/scoring/v1/scoring_pb.js";

const END = "end";

/** How to send; everything may be left out. */
export interface SendOptions {
  /** Items in a message; 256 by default. With single ones a stream is a hundred times slower. */
  readonly batchItems?: number | undefined;
  /**
   * Seconds after which a batch does not wait for further items to fill it; 0.5 by default. It goes out with the next
   * item, so that snapshots come from a slow source, too; 0 sends every item at once.
   */
  readonly linger?: number | undefined;
  /** Seconds between snapshots; without it only the last one comes. */
  readonly snapshotInterval?: number | undefined;
  readonly onSnapshot?: (snapshot: Snapshot) => void;
  /** Called with every item that was refused while this stream ran. */
  readonly onRejection?: (rejection: Rejection) => void;
  /** Seconds that a server may be away before sending gives up; 120 by default. */
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Where a session stands after sending; `last` covers everything that was sent, and `chainDigest` is that of all items,
 * for `finalize` to compare.
 */
export interface Progress {
  readonly committed: number;
  readonly chainDigest: Uint8Array;
  readonly last: Snapshot;
}

/** One stream of one session, from attach to the answer to its flush, or until it breaks. */
export class Conversation {
  /** Every item below is acknowledged. */
  committed = 0;
  #window: Window;
  #options: SendOptions;
  #reached: number;
  #news = new News();
  #ended = false;
  #fault: unknown;
  #session: Session | undefined;

  /** Of a session of which `reached` items were acknowledged before. */
  constructor(window: Window, options: SendOptions, reached: number) {
    this.#window = window;
    this.#options = options;
    this.#reached = reached;
  }

  /** Sends everything; rejects with a PixretError when the stream breaks, or with the error of the source. */
  async run(stub: Client<typeof ScoringService>, session: string): Promise<Progress> {
    const stop = new AbortController();
    const signal = this.#options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, this.#options.signal]);
    try {
      for await (const response of stub.streamPredictions(this.#requests(session, stop), { signal })) {
        const last = this.#receive(response);
        if (last !== undefined) return { committed: this.committed, chainDigest: this.#window.chain, last };
      }
      throw new ConnectError(`the stream ended at offset ${this.committed}`, Code.Unavailable);
    } catch (error) {
      throw this.#fault ?? translated(error);
    } finally {
      this.#ended = true;
      this.#news.tell();
      stop.abort();
    }
  }

  async *#requests(session: string, stop: AbortController): AsyncGenerator<StreamPredictionsRequest> {
    yield request({ case: "attach", value: { session, ...interval(this.#options.snapshotInterval) } });
    try {
      await this.#news.wait(); // of the answer, which says where to begin
      if (this.#session !== undefined) await this.#window.passOver(this.#session);
      let offset = this.committed;
      while (!this.#ended) {
        await this.#heed();
        const batch = await this.#window.batch(offset);
        if (batch === undefined) {
          yield request({ case: "flush", value: { tag: END } });
          return;
        }
        yield request({ case: "batch", value: batch });
        offset += batch.items.length;
      }
    } catch (error) {
      this.#fault = error;
      stop.abort();
    }
  }

  /** Lets go of what was acknowledged, and waits while too much is not. */
  async #heed(): Promise<void> {
    await this.#window.advance(this.committed);
    while (this.#window.isFull && !this.#ended) {
      await this.#news.wait();
      await this.#window.advance(this.committed);
    }
  }

  #receive({ message }: StreamPredictionsResponse): Snapshot | undefined {
    switch (message.case) {
      case "attached":
        this.#session = message.value.session;
        this.committed = Number(this.#session?.committedOffset ?? 0n);
        if (this.committed < this.#reached) throw lost(this.#reached, this.committed);
        this.#news.tell();
        return undefined;
      case "ack":
        this.committed = Number(message.value.committedOffset);
        this.#news.tell();
        return undefined;
      case "rejections":
        for (const each of message.value.rejections) this.#options.onRejection?.(decodeRejection(each));
        return undefined;
      case "snapshot": {
        const snapshot = decodeSnapshot(message.value);
        this.#options.onSnapshot?.(snapshot);
        return message.value.flushTag === END ? snapshot : undefined;
      }
      default:
        return undefined;
    }
  }
}

function lost(reached: number, offset: number): ConnectError {
  const message = `the server acknowledged ${reached} items and came back with ${offset}`;
  return new ConnectError(`${message}; create another session and send everything again`, Code.DataLoss);
}

/** Wakes one who waits for news; news that come before are not lost. */
class News {
  #told = false;
  #wake: (() => void) | undefined;

  tell(): void {
    this.#told = true;
    this.#wake?.();
  }

  async wait(): Promise<void> {
    if (!this.#told) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#told = false;
  }
}

function request(message: NonNullable<MessageInitShape<typeof StreamPredictionsRequestSchema>["message"]>) {
  return create(StreamPredictionsRequestSchema, { message });
}

function interval(seconds: number | undefined) {
  if (seconds === undefined) return {};
  const whole = Math.floor(seconds);
  return { snapshotInterval: { seconds: BigInt(whole), nanos: Math.round((seconds - whole) * 1e9) } };
}
