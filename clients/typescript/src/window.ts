import { createHash } from "node:crypto";

import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { PixretError } from "./errors.js";
import { encodeItem, type Item } from "./items.js";
import type { SendOptions } from "./stream.js";
import {
  type Item as Message,
  type ItemBatch,
  ItemBatchSchema,
  ItemSchema,
  type Session,
} from "./wire/pixret/scoring/v1/scoring_pb.js";

const BATCH_BYTES = 2 ** 20;
const WINDOW_ITEMS = 16 * 1024;
const WINDOW_BYTES = 64 * 2 ** 20;

interface Held {
  readonly message: Message;
  readonly size: number;
}

/** How items go into messages. */
type Pace = Pick<SendOptions, "batchItems" | "linger">;

/** The items that were read and are not acknowledged yet, so that they can be sent again. */
export class Window {
  #source: AsyncIterator<Item>;
  #held: Held[] = [];
  #base = 0;
  #bytes = 0;
  #ended = false;
  #items: number;
  #linger: number;
  #chain: Uint8Array = new Uint8Array(32);
  #found = 0;
  #foundChain: Uint8Array = new Uint8Array();

  constructor(items: Iterable<Item> | AsyncIterable<Item>, { batchItems = 256, linger = 0.5 }: Pace) {
    this.#items = batchItems;
    this.#linger = 1000 * linger;
    this.#source = (async function* () {
      yield* items;
    })();
  }

  /** Whether nothing more should be read before something is acknowledged. */
  get isFull(): boolean {
    return this.#held.length >= WINDOW_ITEMS || this.#bytes >= WINDOW_BYTES;
  }

  /** Chain digest of all items that were read. */
  get chain(): Uint8Array {
    return this.#chain;
  }

  /**
   * Takes note of what a session holds. At first its items are read and passed over, once they are known to be the same;
   * later they are those that were acknowledged.
   */
  async passOver(session: Session): Promise<void> {
    const offset = Number(session.committedOffset);
    if (this.#end === 0) [this.#found, this.#foundChain] = [offset, session.chainDigest];
    await this.advance(offset);
  }

  /** Lets go of the items below an offset; those that were never read are read and passed over. */
  async advance(offset: number): Promise<void> {
    while (this.#base < offset) {
      if (this.#held.length === 0 && !(await this.#read())) throw conflict(offset);
      const known = Math.min(offset - this.#base, this.#held.length);
      for (const { size } of this.#held.splice(0, known)) this.#bytes -= size;
      this.#base += known;
    }
  }

  /**
   * The items from an offset on, as many as fit, reading where none is held; undefined after the last. It does not wait
   * for the next once the first has lingered.
   */
  async batch(offset: number): Promise<ItemBatch | undefined> {
    const items: Message[] = [];
    let bytes = 0;
    let due = Number.POSITIVE_INFINITY;
    for (let at = offset - this.#base; items.length < this.#items; at++) {
      if (at === this.#held.length && !(await this.#read())) break;
      const { message, size } = this.#held[at]!;
      bytes += size;
      if (bytes > BATCH_BYTES && items.length > 0) break;
      const now = performance.now();
      if (items.length === 0) due = now + this.#linger;
      items.push(message);
      if (now >= due) break;
    }
    return items.length > 0 ? create(ItemBatchSchema, { offset: BigInt(offset), items }) : undefined;
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> {
    await this.#source.return?.(undefined);
  }

  /** Offset after the last item that was read. */
  get #end(): number {
    return this.#base + this.#held.length;
  }

  async #read(): Promise<boolean> {
    if (this.#ended) return false;
    const { value, done } = await this.#source.next();
    if (done === true) {
      this.#ended = true;
      return false;
    }
    const message = encodeItem(value);
    const canonical = toBinary(ItemSchema, message); // fields in the order of their numbers
    this.#held.push({ message, size: canonical.length });
    this.#bytes += canonical.length;
    this.#chain = sha256(this.#chain, sha256(canonical).subarray(0, 16));
    const isOther = this.#foundChain.length > 0 && Buffer.compare(this.#chain, this.#foundChain) !== 0;
    if (this.#end === this.#found && isOther) throw conflict(this.#found);
    return true;
  }
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function conflict(offset: number): PixretError {
  const message = `the session holds other items below offset ${offset}; send the same, or begin another session`;
  return new PixretError(new ConnectError(message, Code.AlreadyExists));
}
