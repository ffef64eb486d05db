// Whether an object is a platform with all its defaults, as loadPlatform makes them: what a file says is not one yet.

import type { Platform } from "../platform/index.ts";

type Keys = Readonly<Record<string, unknown>>;

export function isChecked(platform: unknown): platform is Platform {
  if (!isMap(platform)) return false;
  const numbers = ["cpus", "quantumNs", "owners", "memoryLimit"];
  return (
    numbers.every((key) => typeof platform[key] === "number") &&
    isMap(platform.processor) &&
    Array.isArray(platform.processor.unlike) &&
    all(platform.mailboxes, isMailbox) &&
    all(platform.caches, isResource) &&
    all(platform.memory, isResource) &&
    all(platform.smmus, ({ base, streams }) => typeof base === "number" && Array.isArray(streams)) &&
    all(platform.devices, ({ name, enters }) => typeof name === "string" && enters !== undefined)
  );
}

function isResource({ bytes, msc }: Keys): boolean {
  return typeof bytes === "number" && (msc === undefined || (isMap(msc) && isMsc(msc)));
}

function isMailbox({ subspace, base, bytes }: Keys): boolean {
  return [subspace, base, bytes].every((one) => typeof one === "number");
}

/** One with a page has a `base`. */
function isMsc({ base, mailbox, nrdyUsec, spaces, ris }: Keys): boolean {
  const numbers = [base ?? mailbox, nrdyUsec].every((one) => typeof one === "number");
  return numbers && isMap(spaces) && all(ris, ({ ris: number }) => typeof number === "number");
}

function all(list: unknown, is: (one: Keys) => boolean): boolean {
  return Array.isArray(list) && list.every((one) => isMap(one) && is(one));
}

export function isMap(value: unknown): value is Keys {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
