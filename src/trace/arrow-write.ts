// Writing our Arrow files, through apache-arrow, a batch of at most 64 Ki rows at a time.
import {
  AsyncByteQueue,
  type Data,
  Field,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  type TypeMap,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
} from "apache-arrow";
import type { TraceBatch } from "../machine/index.ts";
import { encodeMetadata, type TraceMetadata } from "./metadata.ts";
import { type PackedBatch, Packer, RequesterPacker } from "./packed.ts";
import { BATCH_ROWS } from "./rows.ts";
import type { ByteSink } from "./sink.ts";

const COLUMNS = {
  time: new Uint64(),
  address: new Uint64(),
  bytes: new Uint16(),
  op: new Uint8(),
  requester: new Uint16(),
};
const PACKED = { line: new Uint32(), requester: new Uint16(), size_op: new Uint8(), step: new Uint32() };

/** Takes what the library writes, when it writes it, so that no more than a batch is ever held. */
class Taken extends AsyncByteQueue<Uint8Array> {
  pieces: Uint8Array[] = [];

  override write(value: Uint8Array): void {
    if (value.byteLength > 0) this.pieces.push(value);
  }
}

/** The library's file writer leaves the schema to the footer; with a copy in front the file can be read as a stream too. */
class Writer extends RecordBatchFileWriter {
  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }
}

function words(values: Float64Array): BigUint64Array {
  const out = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    out[2 * i] = value % 2 ** 32;
    out[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
  return new BigUint64Array(out.buffer);
}

function schemaOf(types: TypeMap, metadata: Map<string, string>): Schema {
  return new Schema(
    Object.entries(types).map(([name, type]) => new Field(name, type, false)),
    metadata,
  );
}

function record(schema: Schema, rows: number, children: Data[]): RecordBatch {
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }));
}

function plain(schema: Schema, batch: TraceBatch): RecordBatch {
  const length = batch.rows;
  return record(schema, length, [
    makeData({ type: COLUMNS.time, length, nullCount: 0, data: words(batch.time) }),
    makeData({ type: COLUMNS.address, length, nullCount: 0, data: words(batch.address) }),
    makeData({ type: COLUMNS.bytes, length, nullCount: 0, data: batch.bytes }),
    makeData({ type: COLUMNS.op, length, nullCount: 0, data: batch.op }),
    makeData({ type: COLUMNS.requester, length, nullCount: 0, data: batch.requester }),
  ]);
}

function packed(schema: Schema, batch: PackedBatch): RecordBatch {
  const length = batch.rows;
  return record(schema, length, [
    makeData({ type: PACKED.line, length, nullCount: 0, data: batch.line }),
    makeData({ type: PACKED.requester, length, nullCount: 0, data: batch.requester }),
    makeData({ type: PACKED.size_op, length, nullCount: 0, data: batch.sizeOp }),
    makeData({ type: PACKED.step, length, nullCount: 0, data: batch.step }),
  ]);
}

async function* recordBatches(
  { form, order, requesters }: TraceMetadata,
  schema: Schema,
  batches: AsyncIterable<TraceBatch>,
) {
  const packer = order === "requester" ? new RequesterPacker(requesters.length) : new Packer();
  for await (const batch of batches) {
    if (form === "packed") for (const piece of packer.pack(batch)) yield packed(schema, piece);
    else for (const piece of pieces(batch)) yield plain(schema, piece);
  }
  for (const piece of packer.end()) yield packed(schema, piece);
}

function* pieces(batch: TraceBatch): Iterable<TraceBatch> {
  for (let at = 0; at < batch.rows; at += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, batch.rows - at);
    yield {
      rows,
      time: batch.time.subarray(at, at + rows),
      address: batch.address.subarray(at, at + rows),
      bytes: batch.bytes.subarray(at, at + rows),
      op: batch.op.subarray(at, at + rows),
      requester: batch.requester.subarray(at, at + rows),
    };
  }
}

/** Writes a whole trace and closes the sink; after a failure the sink is aborted and nothing stays. */
export async function writeTrace(
  metadata: TraceMetadata,
  batches: AsyncIterable<TraceBatch>,
  sink: ByteSink,
): Promise<void> {
  try {
    const schema = schemaOf(metadata.form === "packed" ? PACKED : COLUMNS, encodeMetadata(metadata));
    const taken = new Taken();
    const writer = new Writer({ autoDestroy: false });
    writer.reset(taken, schema);
    const drain = async (): Promise<void> => {
      for (const piece of taken.pieces.splice(0)) await sink.write(piece);
    };
    for await (const batch of recordBatches(metadata, schema, batches)) {
      writer.write(batch);
      await drain();
    }
    writer.finish();
    await drain();
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
