// A setup as the fragment of an address, and back: #s=1z. and deflated JSON in base64url, or #s=1j. and JSON as it is where the
// browser cannot deflate. A fragment is never sent to a server.

import * as v from "valibot";
import type { Setup, WorkloadName } from "./setup.ts";

const VERSION = 1;
const PREFIX = "#s=";
/** Of a fragment: longer addresses are cut by what passes them on. */
export const MOST_CHARACTERS = 30_000;
/** Of the JSON in it. */
const MOST_BYTES = 2 ** 20;
const OWN = "own:";

export interface Shared {
  readonly fragment: string;
  /** Names of traces that stay here: a link does not carry files. */
  readonly left: readonly string[];
}

export type Opened = { readonly ok: true; readonly setup: Setup } | { readonly ok: false; readonly why: string };

/** More would be waited for. */
const MOST_WARM_NS = 1e9;

const short = v.pipe(v.string(), v.maxLength(255));
const line = v.pipe(v.string(), v.maxLength(4096));
const few = <T extends v.GenericSchema>(one: T, most: number) => v.pipe(v.array(one), v.maxLength(most));
const name = v.pipe(
  short,
  v.check((text) => !text.includes("/") && text !== "." && text !== "..", "is no name of a group"),
);

const SETUP = v.object({
  platform: v.union([v.object({ bundled: short }), v.object({ name: short, text: v.string() })]),
  timing: v.picklist(["open", "closed"]),
  speed: v.union([v.literal("max"), v.pipe(v.number(), v.finite(), v.gtValue(0))]),
  warmNs: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(MOST_WARM_NS))),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 32 - 1))),
  groups: few(v.object({ name, schemata: few(line, 64), workloads: few(line, 64) }), 1024),
  panels: few(short, 32),
});

/** Throws an Error, in one line, for a setup that is too long for a link. */
export async function share(setup: Setup, deflates = typeof CompressionStream !== "undefined"): Promise<Shared> {
  const left: string[] = [];
  const stays = (workload: WorkloadName) => {
    if (workload.startsWith(OWN)) left.push(workload.slice(OWN.length));
    return !workload.startsWith(OWN);
  };
  const groups = setup.groups.map((group) => ({ ...group, workloads: group.workloads.filter(stays) }));
  const bytes = new TextEncoder().encode(JSON.stringify({ ...setup, groups }));
  const form = deflates ? "z" : "j";
  const packed = deflates ? await through(bytes, new CompressionStream("deflate-raw")) : bytes;
  const fragment = `${PREFIX}${VERSION}${form}.${toBase64(packed)}`;
  if (fragment.length > MOST_CHARACTERS) {
    throw new Error(
      `the setup takes ${fragment.length} characters; a link has room for ${MOST_CHARACTERS}: fewer groups or a shorter platform file help`,
    );
  }
  return { fragment, left };
}

/** Undefined for an address without a setup. */
export async function open(fragment: string): Promise<Opened | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    return { ok: true, setup: await read(fragment.slice(PREFIX.length)) };
  } catch (error) {
    const why = error instanceof Broken ? error.message : "it is damaged, or not all of it has come";
    return { ok: false, why: `The link cannot be opened: ${why}.` };
  }
}

/** What is wrong with a link, in words for the reader. */
class Broken extends Error {}

async function read(text: string): Promise<Setup> {
  if (text.length > MOST_CHARACTERS) throw new Broken(`it is longer than ${MOST_CHARACTERS} characters`);
  const [, version, form, data = ""] = /^(\d+)([a-z])\.([A-Za-z0-9_-]*)$/.exec(text) ?? [];
  if (version === undefined) throw new Broken("it is damaged, or not all of it has come");
  if (Number(version) !== VERSION || (form !== "z" && form !== "j")) {
    throw new Broken(`it has form ${version}${form}, and this page reads ${VERSION}z and ${VERSION}j`);
  }
  const packed = fromBase64(data);
  if (form === "z" && typeof DecompressionStream === "undefined") throw new Broken("this browser cannot unpack it");
  const bytes = form === "z" ? await through(packed, new DecompressionStream("deflate-raw")) : packed;
  const checked = v.safeParse(SETUP, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  if (checked.success) return checked.output as Setup;
  const [issue] = checked.issues;
  throw new Broken(`${v.getDotPath(issue) ?? "the setup"} in it is not what a setup has there`);
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new Broken(`it unpacks to more than ${MOST_BYTES} bytes`);
    }
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const decoded = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(decoded, (char) => char.charCodeAt(0));
}
