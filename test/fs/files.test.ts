// Modes, assignments of counters, and readings, with the vectors of each (resctrl-fs.md sections 7 to 9).

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import golden from "../golden/resctrl-vectors.json" with { type: "json" };
import { refusal } from "./fakes.ts";
import { mounted } from "./mounted.ts";

describe("mode", () => {
  test.each(golden.mode)("$id: $input", async (c) => {
    const { fs, status } = await mounted();
    const refused = await refusal(fs.writeFile("mode", c.input));
    expect(refused).toEqual(c.errno === null ? undefined : { code: c.errno, status: c.status_text });
    expect(await status()).toBe(c.status_text || "ok\n");
    expect(await fs.readFile("mode")).toBe("shareable\n");
  });

  test("without a cache schema nothing can be exclusive", async () => {
    const { fs } = await mounted({ cbmWd: 0 });
    const text = "Cannot be exclusive without CAT/CDP\n";
    expect(await refusal(fs.writeFile("mode", "exclusive\n"))).toEqual({ code: "EINVAL", status: text });
  });
});

describe("mbm_L3_assignments", () => {
  test.each(golden.mbm_L3_assignments.cases)("$id: $input", async (c) => {
    const { fs, status } = await mounted();
    expect(await fs.readFile("mbm_L3_assignments")).toBe(golden.mbm_L3_assignments.before);
    const refused = await refusal(fs.writeFile("mbm_L3_assignments", c.input));
    expect(refused).toEqual(c.errno === null ? undefined : { code: c.errno, status: c.status_text });
    expect(await status()).toBe(c.last_cmd_status_reads);
    expect(await fs.readFile("mbm_L3_assignments")).toBe(c.assignments_after);
  });

  test("assigning twice takes one counter, and taking away what is not there is fine", async () => {
    const { fs } = await mounted();
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=e;0=e;1=_;1=_\n");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=5;1=6\n");
  });

  test("without a newline, or with more groups than counters, the refusal has its text", async () => {
    const { fs, status } = await mounted({ mbwu: 1 });
    expect(await refusal(fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=e"))).toEqual({
      code: "EINVAL",
      status: "mbm_L3_assignments: Invalid input\n",
    });
    await fs.mkdir("g");
    // mkdir succeeded, and still says what it could not do.
    const [zero, one] = [0, 1].map((d) => `Failed to allocate counter for mbm_total_bytes in domain ${d}\n`);
    expect(await status()).toBe(`${zero}${one}`);
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=_\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:1=_\n");
    expect(await refusal(fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:*=e\n"))).toEqual({
      code: "ENOSPC",
      status: `${zero}Assign operation 'mbm_total_bytes:*=e' failed\n`,
    });
    expect(await fs.readFile("g/mbm_L3_assignments")).toBe("mbm_total_bytes:0=_;1=e\n");
    expect(await fs.readFile("info/L3_MON/available_mbm_cntrs")).toBe("0=0;1=0\n");
    expect(await refusal(fs.writeFile("g/mbm_L3_assignments", "mbm_total_bytes:0\n"))).toEqual({
      code: "EINVAL",
      status: "Assign operation 'mbm_total_bytes:0=(null)' failed\n",
    });
  });
});

describe("mon_data", () => {
  const FILE = "mon_data/mon_L3_01/llc_occupancy";

  test.each(golden.mon_data_error_map.filter(({ err }) => err !== null && err !== "EBUSY"))(
    "$err reads $prints",
    async (c) => {
      const { driver, fs } = await mounted();
      driver.monitorFailure = new ErrnoError(c.err as "EIO", "as told");
      expect(await fs.readFile(FILE)).toBe(c.prints);
    },
  );

  test("a counter that is not ready is unavailable, never a number", async () => {
    const { driver, fs } = await mounted();
    driver.monitorFailure = new ErrnoError("EBUSY", "NRDY");
    expect(await fs.readFile(FILE)).toBe("Unavailable\n");
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_total_bytes")).toBe("Unavailable\n");
  });

  test("a control group sums its monitor groups, beyond what a double holds", async () => {
    const { driver, fs } = await mounted();
    await fs.mkdir("mon_groups/m");
    driver.bytes.set("1/0/0", 2n ** 62n);
    driver.bytes.set("1/0/1", 3n);
    expect(await fs.readFile("mon_data/mon_L3_01/mbm_total_bytes")).toBe("4611686018427387907\n");
    expect(await fs.readFile("mon_groups/m/mon_data/mon_L3_01/mbm_total_bytes")).toBe("3\n");
    expect(await fs.readFile("mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes")).toBe("0\n");
  });

  test("without a counter bandwidth is unassigned, unless a monitor group has one", async () => {
    const { driver, fs } = await mounted({ mbwu: 1 });
    await fs.mkdir("mon_groups/m");
    driver.bytes.set("0/0/1", 5n);
    const [own, inner] = ["mon_data/mon_L3_00/mbm_total_bytes", "mon_groups/m/mon_data/mon_L3_00/mbm_total_bytes"];
    expect(await fs.readFile(inner)).toBe("Unassigned\n");
    await fs.writeFile("mbm_L3_assignments", "mbm_total_bytes:0=_\n");
    expect(await fs.readFile(own)).toBe("Unassigned\n");
    await fs.writeFile("mon_groups/m/mbm_L3_assignments", "mbm_total_bytes:0=e\n");
    expect(await fs.readFile(own)).toBe("5\n");
  });
});
