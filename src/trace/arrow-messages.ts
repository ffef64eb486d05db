// The messages of an Arrow IPC stream or file, one after the other (Arrow format, "Encapsulated message format"). The library
// decodes their headers; framing is done here, so that every refusal knows its byte.
import type { MessageHeader, Schema } from "apache-arrow";
import { Footer as ArrowFooter } from "apache-arrow/ipc/metadata/file";
import { Message } from "apache-arrow/ipc/metadata/message";
import { checkHeader, firstBlock } from "./arrow-header.ts";
import { startsWithMagic } from "./arrow-magic.ts";
import { ByteQueue } from "./byte-queue.ts";

export type BatchHeader = ReturnType<Message<MessageHeader.RecordBatch>["header"]>;

export interface BatchMessage {
  /** Byte offset of the message. */
  readonly offset: number;
  readonly header: BatchHeader;
  /** Byte offset of the body. */
  readonly bodyOffset: number;
  readonly body: Uint8Array;
}

const CONTINUATION = 0xffffffff;
/** A number below this cannot be the length of a schema: it is the beginning of one. */
const LEAST_HEADER = 16;
const MOST_HEADER = 64 * 1024 * 1024;

/** Thrown when only the footer can be relied on: apache-arrow's JavaScript writer puts no schema in front, polars one without its frame. */
export class SchemaInFooter extends Error {}

export class MessageReader {
  schema: Schema | undefined;
  #queue: ByteQueue;
  #file: boolean;
  #started: boolean;
  #place = 0;

  /** From the start; or from the message at `from.offset` of a file whose schema is known. */
  constructor(chunks: AsyncIterable<Uint8Array>, from?: { offset: number; file: boolean; schema: Schema }) {
    this.#queue = new ByteQueue(chunks, from?.offset ?? 0);
    this.#file = from?.file ?? false;
    this.#started = from !== undefined;
    this.schema = from?.schema;
    this.#place = from?.offset ?? 0;
  }

  /** Where the message being read starts: for refusals. */
  get place(): number {
    return this.#place;
  }

  get isFile(): boolean {
    return this.#file;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** Reads up to the schema. */
  async open(knownSchema?: Schema): Promise<Schema> {
    if (knownSchema !== undefined) this.schema = knownSchema;
    if (!this.#started) await this.#start();
    while (this.schema === undefined) {
      const message = await this.#header();
      if (message === undefined) throw new Error("the Arrow stream ends before its schema");
      if (message.isSchema()) this.schema = message.header();
      else if (this.#file) throw new SchemaInFooter("the file's schema is only in its footer");
      else throw new Error("the Arrow stream does not begin with a schema");
    }
    return this.schema;
  }

  /** The next record batch; undefined at the end, after the end has been checked. */
  async next(): Promise<BatchMessage | undefined> {
    for (;;) {
      const offset = this.#queue.offset;
      const message = await this.#header();
      if (message === undefined) return undefined;
      if (!message.isRecordBatch()) {
        const passed = await this.#queue.skip(message.bodyLength);
        if (passed < message.bodyLength)
          throw new Error(`truncated: a message of ${message.bodyLength} bytes ends after ${passed}`);
        continue;
      }
      const bodyOffset = this.#queue.offset;
      const body = await this.#queue.read(message.bodyLength);
      if (body.length < message.bodyLength) {
        throw new Error(`truncated: a record batch of ${message.bodyLength} bytes ends after ${body.length}`);
      }
      return { offset, header: message.header(), bodyOffset, body };
    }
  }

  async #start(): Promise<void> {
    this.#started = true;
    const head = await this.#queue.read(8);
    if (head.length < 8) throw new Error("truncated: not even a whole Arrow header");
    if (startsWithMagic(head)) {
      this.#file = true;
      return;
    }
    const view = new DataView(head.buffer);
    if (view.getUint32(0, true) !== CONTINUATION)
      throw new Error("is not Arrow: it begins neither as a file nor as a stream");
    const message = await this.#decode(view.getInt32(4, true));
    if (!message.isSchema()) throw new Error("the Arrow stream does not begin with a schema");
    this.schema = message.header();
  }

  async #header(): Promise<Message | undefined> {
    this.#place = this.#queue.offset;
    const first = await this.#word();
    if (first === undefined) {
      if (this.#file) throw new Error("truncated: the file ends before its end mark");
      return undefined;
    }
    // Before Arrow 0.15 the length came without a continuation mark.
    const length = first === CONTINUATION ? await this.#word() : first;
    if (this.#file && this.schema === undefined && first > 0 && first < LEAST_HEADER)
      throw new SchemaInFooter("the file's schema has no length");
    if (length === undefined) throw new Error("truncated: a message ends inside its length");
    if (length === 0) {
      if (this.#file) await this.#checkFooter();
      return undefined;
    }
    return this.#decode(length);
  }

  async #word(): Promise<number | undefined> {
    const bytes = await this.#queue.read(4);
    if (bytes.length === 0) return undefined;
    if (bytes.length < 4) throw new Error("truncated: a message ends inside its length");
    return new DataView(bytes.buffer).getUint32(0, true);
  }

  async #decode(length: number): Promise<Message> {
    if (length <= 0 || length > MOST_HEADER) throw new Error(`damaged: a message header of ${length} bytes`);
    const bytes = await this.#queue.read(length);
    if (bytes.length < length)
      throw new Error(`truncated: a message header of ${length} bytes ends after ${bytes.length}`);
    let message: Message;
    try {
      checkHeader(bytes);
      message = Message.decode(bytes);
      message.header();
    } catch (error) {
      throw new Error("damaged: a message header cannot be decoded", { cause: error });
    }
    if (!Number.isSafeInteger(message.bodyLength) || message.bodyLength < 0) {
      throw new Error(`damaged: a message body of ${message.bodyLength} bytes`);
    }
    return message;
  }

  /** After the end mark of a file: footer, its length, the magic word, and nothing else. */
  async #checkFooter(): Promise<void> {
    this.#place = this.#queue.offset;
    const rest = await this.#queue.read(MOST_HEADER);
    const size = rest.length;
    const whole =
      size >= 10 &&
      startsWithMagic(rest, size - 6) &&
      new DataView(rest.buffer).getInt32(size - 10, true) === size - 10;
    if (!whole) throw new Error("truncated or damaged: the file's footer is not whole");
  }
}

/** What a footer tells: the schema, and where the first record batch is, if there is any. */
export interface Footer {
  readonly schema: Schema;
  readonly offset: number;
}

/** The footer of a whole file, from its last bytes. */
export function readFooter(tail: Uint8Array, fileBytes: number): Footer {
  const size = tail.length;
  const length =
    size >= 10 && startsWithMagic(tail, size - 6)
      ? new DataView(tail.buffer, tail.byteOffset + size - 10).getInt32(0, true)
      : 0;
  if (length <= 0 || length > size - 10) throw new Error("truncated or damaged: the file's footer is not whole");
  const footer = tail.subarray(size - 10 - length, size - 10);
  try {
    return { schema: ArrowFooter.decode(footer).schema, offset: firstBlock(footer) ?? fileBytes - 10 - length };
  } catch (error) {
    throw new Error("damaged: the file's footer cannot be decoded", { cause: error });
  }
}
