/** The search itself: that it repeats, that it draws only legal parts and all of them, and that it finds and shortens what is broken. */
import { describe, expect, test } from "vitest";
import { goldenRegisters } from "../golden/registers.ts";
import { memoryContestants } from "../helpers/memory-subjects.ts";
import { PlainSubject } from "../helpers/plain/subject.ts";
import type { MscSubject, Space, SubjectConfig, SubjectRecord } from "../helpers/subject.ts";
import { mscContestants } from "../helpers/subjects.ts";
import { UsageError, understand } from "./command.ts";
import { configOf, type Found, fuzz, operationsOf } from "./fuzz.ts";
import { isLegal } from "./legal.ts";
import { offsetNamed, registerAt } from "./registers.ts";
import { foundLines, jsonLine, totalsLine } from "./report.ts";
import type { Contestant } from "./trial.ts";

const SEED = 2026;
const plain: Contestant = { name: "plain model", create: async (config) => new PlainSubject(config) };

/** The plain model, but for what a test breaks. */
function broken(change: (subject: MscSubject, config: SubjectConfig) => Partial<MscSubject>): Contestant {
  const create = async (config: SubjectConfig): Promise<MscSubject> => {
    const subject: MscSubject = new PlainSubject(config);
    const bound: MscSubject = {
      name: "broken",
      read32: (offset, space) => subject.read32(offset, space),
      write32: (offset, value, space) => subject.write32(offset, value, space),
      read64: (offset, space) => subject.read64(offset, space),
      write64: (offset, value, space) => subject.write64(offset, value, space),
      setLabel: (requester, op, label) => subject.setLabel(requester, op, label),
      run: (records) => subject.run(records),
      capture: (event) => subject.capture(event),
      advance: (ns) => subject.advance(ns),
      interrupts: () => subject.interrupts(),
      occupancy: () => subject.occupancy(),
      statistics: () => subject.statistics(),
      lines: () => subject.lines(),
    };
    return { ...bound, ...change(subject, config) };
  };
  return { name: "broken", create };
}

async function search(contestant: Contestant): Promise<{ found: Found; text: string }> {
  const contestants = [plain, contestant];
  const { totals, found: all } = await fuzz(contestants, { seed: SEED, operations: 500_000, shrinkSeconds: 6 });
  const [found] = all;
  if (found === undefined) throw new Error("nothing was found");
  return { found, text: foundLines("msc", contestants, found, totals).join("\n") };
}

const PART_SEL = offsetNamed("MPAMCFG_PART_SEL");
const ECR = offsetNamed("MPAMF_ECR");

describe("what is drawn", () => {
  test("is legal, and every key of a configuration comes up", () => {
    const keys = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const config = configOf(SEED, i);
      expect(isLegal(config), JSON.stringify(config)).toBe(true);
      for (const key of Object.keys(config)) keys.add(key);
      for (const ris of config.ris) {
        for (const [key, value] of Object.entries(ris)) {
          keys.add(`ris.${key}`);
          if (typeof value === "object" && !Array.isArray(value)) {
            for (const inner of Object.keys(value)) keys.add(`ris.${key}.${inner}`);
          }
        }
      }
    }
    expect([...keys].filter((key) => !key.startsWith("ris.")).sort()).toEqual([
      "captEvents",
      "defaultPartid",
      "endis",
      "errMsi",
      "errata",
      "errorStyle",
      "esr",
      "iidr",
      "inTl",
      "kind",
      "localCaptEvnt",
      "noHwOflwIntr",
      "nrdyUsec",
      "oflowSr",
      "oflwMsi",
      "outTl",
      "partidNrw",
      "processor",
      "resetFill",
      "ris",
      "scaleRounding",
      "selectorCheck",
      "sets",
      "spaces",
      "tlMonitoring",
      "unfreeze",
      "valueClearsStatus",
      "version",
      "ways",
    ]);
    // 29 of the MSC, 53 of its instances: all of SubjectConfig.
    expect(keys.size).toBe(82);
  });

  test("is the same again for the same seed, and another for another", () => {
    const sequence = (seed: number) => {
      const config = configOf(seed, 3);
      const generator = operationsOf(seed, 3, config);
      return { config, operations: Array.from({ length: 500 }, () => generator.next()) };
    };
    expect(sequence(SEED)).toEqual(sequence(SEED));
    expect(sequence(SEED)).not.toEqual(sequence(SEED + 1));
  });

  test("keeps to aligned accesses of banks that exist and to labels of the processor", () => {
    for (let i = 0; i < 40; i++) {
      const config = configOf(SEED, i);
      const generator = operationsOf(SEED, i, config);
      for (let k = 0; k < 1000; k++) {
        const operation = generator.next();
        if ("offset" in operation) {
          expect(operation.offset % (operation.do.endsWith("64") ? 8 : 4)).toBe(0);
          expect(operation.offset).toBeLessThan(0x1_0000);
          expect(config.spaces[operation.space]).toBeDefined();
        }
        if (operation.do === "write32") expect(operation.value).toBe(operation.value >>> 0);
        if (operation.do === "label") {
          expect(operation.label.partid).toBeLessThanOrEqual(config.processor.partidMax);
          expect(operation.label.pmg).toBeLessThanOrEqual(config.processor.pmgMax);
        }
      }
    }
  });

  test("names registers as the specification does", () => {
    for (const { register, offset } of goldenRegisters) {
      const found = registerAt(offset);
      expect(found?.into === 4 ? `${found.register.name}_HI` : found?.register.name).toBe(register);
    }
  });
});

describe("a search", () => {
  test("of two plain models finds no difference and says how much was done", async () => {
    const { totals, found } = await fuzz([plain, plain], { seed: SEED, configs: 20, operations: 20_000 });
    expect(found).toEqual([]);
    expect(totals.configs).toBe(20);
    expect(totals.operations).toBe(20_000);
    expect(totalsLine("msc", totals, 0)).toMatch(
      /^fuzz msc: 20 configurations, 20000 register operations, \d+ records, \d+\.\d s, seed 2026: no difference$/,
    );
  });

  test("finds a register that keeps a reserved bit, in one write and one read", async () => {
    const { found, text } = await search(
      broken((subject) => {
        let bit = 0;
        return {
          write32: (offset, value, space) => {
            if (offset === ECR && space === "ns") bit = value & 2;
            subject.write32(offset, value, space);
          },
          read32: (offset, space) => subject.read32(offset, space) + (offset === ECR && space === "ns" ? bit : 0),
        };
      }),
    );
    expect(found.finding.what).toBe("difference");
    expect(found.operations).toEqual([
      { do: "write32", offset: ECR, value: 2, space: "ns" },
      { do: "read32", offset: ECR, space: "ns" },
    ]);
    expect(found.config.ris).toHaveLength(1);
    expect(Object.keys(found.config).length).toBeLessThan(10);
    expect(text).toContain("const MPAMF_ECR = 0x00f0;");
    expect(text).toContain("subject.write32(MPAMF_ECR, 2);\nexpect(subject.read32(MPAMF_ECR)).toEqual(0);");
    expect(text).toContain("// plain model: 0\n// broken: 2");
    const again = `--seed ${SEED} --from ${found.configuration} --configs 1 --operations ${found.reach}`;
    expect(text).toContain(`npm run fuzz -- msc ${again}`);
  });

  test("finds traffic of one bank that is lost, and what is left shows nothing else", async () => {
    const { found } = await search(
      broken((subject) => {
        const secure = new Set<number>();
        return {
          setLabel: (requester, op, label) => {
            if (op === "all" && label.space === "s") secure.add(requester);
            else secure.delete(requester);
            subject.setLabel(requester, op, label);
          },
          run: (records: readonly SubjectRecord[]) => subject.run(records.filter((one) => !secure.has(one.requester))),
        };
      }),
    );
    expect(found.operations.map((operation) => operation.do)).toEqual(["label", "run", expect.any(String)]);
    const [label, run] = found.operations;
    expect(label).toMatchObject({ op: "all", label: { space: "s" satisfies Space, partid: 0, pmg: 0 } });
    expect(run).toMatchObject({ records: [{ line: 0, op: 0, bytes: 64 }] });
  });

  test("finds an exception, and says what was thrown where the others answer", async () => {
    const { found, text } = await search(
      broken((subject) => ({
        write32: (offset, value, space) => {
          if (offset === PART_SEL && (value & 0xffff) > 9) throw new RangeError("no such PARTID");
          subject.write32(offset, value, space);
        },
      })),
    );
    expect(found.finding.what).toBe("exception");
    expect(found.operations).toHaveLength(1);
    expect(found.operations[0]).toMatchObject({ do: "write32", offset: PART_SEL });
    expect(text).toContain("// broken: throws: RangeError: no such PARTID");
  });

  test("finds a part that is refused, and shows which", async () => {
    const { found, text } = await search({
      name: "broken",
      create: async (config) => {
        if (config.ris.some((one) => (one.ccap?.cmaxWd ?? 0) > 4)) throw new Error("too wide");
        return new PlainSubject(config);
      },
    });
    expect(found.finding.what).toBe("refusal");
    expect(found.operations).toEqual([]);
    expect(found.config.ris).toEqual([{ ris: 0, ccap: { cmaxWd: 5 } }]);
    expect(text).toContain("// broken: is not made: Error: too wide");
  });

  test("that did not end the same way again is shown as it was drawn", async () => {
    let reads = 0;
    const once = broken((subject) => ({
      read32: (offset, space) => {
        reads++;
        return reads === 300 ? 0xdead : subject.read32(offset, space);
      },
    }));
    const { found, text } = await search(once);
    expect(found.repeatable).toBe(false);
    expect(found.operations).toHaveLength(found.drawn);
    expect(text).toContain("done again they did not fail");
    const totals = { configs: 1, operations: 1, records: 0, seconds: 0, seed: 1 };
    const line = jsonLine("msc", [plain, once], { totals, found: [found] });
    expect(JSON.parse(line)).toMatchObject({ seed: 1, found: [{ what: "difference", repeatable: false }] });
  });

  test("goes on until it has as many failures of different shape as are wanted", async () => {
    const twice = broken((subject) => ({
      read32: (offset, space) => (offset === ECR ? 2 : offset === PART_SEL ? 1 : subject.read32(offset, space)),
    }));
    const { found } = await fuzz([plain, twice], { seed: SEED, operations: 200_000, findings: 2, shrinkSeconds: 2 });
    const offsets = found.map(({ operations }) => operations.map((one) => ("offset" in one ? one.offset : one.do)));
    expect(offsets.sort()).toEqual([[ECR], [PART_SEL]]);
  });
});

describe("npm run fuzz", () => {
  test("means the MSC unless it is told otherwise, and searches every implementation", () => {
    const named = understand(["msc", "--seconds", "10", "--seed", "7"]);
    expect(named).toEqual(understand(["--seconds", "10", "--seed", "7"]));
    expect(named).toMatchObject({ target: "msc", contestants: mscContestants, bounds: { seed: 7, seconds: 10 } });
  });

  test("means memory systems when it is told so", () => {
    const contestants = memoryContestants;
    expect(understand(["memory", "--seed", "7"])).toMatchObject({ target: "memory", contestants, bounds: { seed: 7 } });
  });

  test("takes ten seconds and a seed of its own when nothing is said, and no time when numbers are", () => {
    expect(understand([])?.bounds).toMatchObject({ seconds: 10, seed: expect.any(Number) });
    expect(understand(["--configs", "300", "--operations", "20_000_000", "--seed", "1"])?.bounds).toEqual({
      seed: 1,
      configs: 300,
      operations: 20_000_000,
    });
  });

  test.each([[["acpy"]], [["msc", "msc"]], [["--seconds", "x"]], [["--configs", "0"]], [["--seed", "1.5"]]])(
    "refuses %j",
    (argv) => {
      expect(() => understand(argv)).toThrow(UsageError);
    },
  );
});
