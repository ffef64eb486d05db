// A machine in the memory of another one: nothing of that is left, whatever it was and did.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform, type Platform } from "../../src/platform/index.ts";
import { openTraces } from "../../src/trace/index.ts";

const NAMES = ["minimal", "one-socket", "private-l2", "everything", "two-sockets", "four-spaces"];
const platforms = new Map<string, Platform>();
for (const name of NAMES) platforms.set(name, await loadPlatform(`platforms/${name}.yaml`));

interface Use {
  readonly name: string;
  readonly trace: string;
  readonly timing: "open" | "closed";
  readonly statistics: "counts" | "full";
}

/** The machine at its end, and what its replay came to. */
async function use({ name, trace, timing, statistics }: Use, memory?: WebAssembly.Memory) {
  const options = { statistics, ...(memory ? { memory } : {}) };
  const machine = await Machine.create(platforms.get(name) as Platform, options);
  const { records, time, paths } = await machine.replay(await openTraces([trace]), { timing });
  const bytes = machine.snapshot();
  await machine.close();
  return { bytes, said: { records, time, paths } };
}

test("is the machine that it would be in a new memory", async () => {
  const one = fc.record({
    name: fc.constantFrom(...NAMES),
    trace: fc.constantFrom("synth:zipf,ws=4M,n=5k", "synth:random,ws=1M,n=9k,write=50%", "synth:stream,ws=64M,n=20k"),
    timing: fc.constantFrom("open" as const, "closed" as const),
    statistics: fc.constantFrom("counts" as const, "full" as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 2, maxLength: 4 }), async (uses) => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      for (const each of uses) {
        const [again, fresh] = [await use(each, memory), await use(each)];
        expect(again.said).toEqual(fresh.said);
        expect(Buffer.compare(again.bytes, fresh.bytes)).toBe(0);
      }
    }),
    { numRuns: 30 },
  );
});

test("is refused where threads share the memory, or would have to", async () => {
  const platform = platforms.get("minimal") as Platform;
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 100, shared: true });
  await expect(Machine.create(platform, { memory: shared })).rejects.toThrow(
    new RangeError("memory: one that threads share cannot be given"),
  );
  await expect(
    Machine.create(platform, { memory: new WebAssembly.Memory({ initial: 1 }), workers: 2 }),
  ).rejects.toThrow(new RangeError("memory: cannot be given where workers is 2"));
});
