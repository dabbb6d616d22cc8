import { create, toBinary } from "@bufbuild/protobuf";

import { encodeItem, type Item } from "./items.js";
import { type Item as Message, type ItemBatch, ItemBatchSchema, ItemSchema } from "./wire/pixret/scoring/v1/scoring_pb.js";

const BATCH_BYTES = 2 ** 20;
const WINDOW_ITEMS = 16 * 1024;
const WINDOW_BYTES = 64 * 2 ** 20;

interface Held {
  readonly message: Message;
  readonly size: number;
}

/** The items that were read and are not acknowledged yet, so that they can be sent again. */
export class Window {
  #source: AsyncIterator<Item>;
  #held: Held[] = [];
  #base = 0;
  #bytes = 0;
  #ended = false;

  constructor(items: Iterable<Item> | AsyncIterable<Item>) {
    this.#source = (async function* () {
      yield* items;
    })();
  }

  /** Whether nothing more should be read before something is acknowledged. */
  get isFull(): boolean {
    return this.#held.length >= WINDOW_ITEMS || this.#bytes >= WINDOW_BYTES;
  }

  /** Lets go of the items below an offset; those that were never read are read and passed over. */
  async advance(offset: number): Promise<void> {
    while (this.#base < offset) {
      if (this.#held.length === 0 && !(await this.#read())) return;
      const known = Math.min(offset - this.#base, this.#held.length);
      for (const { size } of this.#held.splice(0, known)) this.#bytes -= size;
      this.#base += known;
    }
  }

  /** The items from an offset on, as many as fit, reading where none is held; undefined after the last. */
  async batch(offset: number, most: number): Promise<ItemBatch | undefined> {
    const items: Message[] = [];
    let bytes = 0;
    for (let at = offset - this.#base; items.length < most; at++) {
      if (at === this.#held.length && !(await this.#read())) break;
      const { message, size } = this.#held[at]!;
      bytes += size;
      if (bytes > BATCH_BYTES && items.length > 0) break;
      items.push(message);
    }
    return items.length > 0 ? create(ItemBatchSchema, { offset: BigInt(offset), items }) : undefined;
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> {
    await this.#source.return?.(undefined);
  }

  async #read(): Promise<boolean> {
    if (this.#ended) return false;
    const { value, done } = await this.#source.next();
    if (done === true) {
      this.#ended = true;
      return false;
    }
    const message = encodeItem(value);
    const size = toBinary(ItemSchema, message).length;
    this.#held.push({ message, size });
    this.#bytes += size;
    return true;
  }
}
