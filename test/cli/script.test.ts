// Script lines and group rules of the command line.

import { expect, test } from "vitest";
import { parseGroupRule } from "../../src/cli/groups.ts";
import { count, percent, size, table, time } from "../../src/cli/output.ts";
import { parseScriptLine } from "../../src/cli/script.ts";
import type { Resctrl } from "../../src/fs/index.ts";

const task = { tid: 7, pid: 5, comm: "sort", cpu: 0, label: { partidD: 0, partidI: 0, pmgD: 0, pmgI: 0 } };

async function effectOf(line: string): Promise<string[]> {
  const calls: string[] = [];
  const tree = {
    mkdir: async (path: string) => void calls.push(`mkdir ${path}`),
    rmdir: async (path: string) => void calls.push(`rmdir ${path}`),
    writeFile: async (path: string, text: string) => void calls.push(`write ${path} ${JSON.stringify(text)}`),
  };
  await parseScriptLine(line).run(tree as unknown as Resctrl);
  return calls;
}

test("a script time is a share of the run or a model time with its unit", () => {
  expect(parseScriptLine("50% mkdir a").at).toEqual({ share: 0.5 });
  expect(parseScriptLine("1.5ms mkdir a").at).toEqual({ ns: 1_500_000 });
  expect(parseScriptLine("30us mkdir a").at).toEqual({ ns: 30_000 });
  for (const bad of ["101%", "5", "5 ms", "-1ns", "half"])
    expect(() => parseScriptLine(`${bad} mkdir a`)).toThrow(/allowed|needed/);
});

test("a script command is what one would type, quoted or not, and writes a line", async () => {
  expect(await effectOf("0% mkdir web")).toEqual(["mkdir web"]);
  expect(await effectOf("0% rmdir web")).toEqual(["rmdir web"]);
  expect(await effectOf("0% echo L3:0=3 > web/schemata")).toEqual(['write web/schemata "L3:0=3\\n"']);
  expect(await effectOf("0% echo 'L3:0=3;1=f' >web/schemata")).toEqual(['write web/schemata "L3:0=3;1=f\\n"']);
  expect(await effectOf("0% echo > web/cpus_list")).toEqual(['write web/cpus_list "\\n"']);
  expect(() => parseScriptLine("0% cat web/tasks")).toThrow("mkdir DIR, rmdir DIR or echo TEXT > FILE is allowed");
});

test("a group rule picks threads by trace, thread, process or command", () => {
  expect(parseGroupRule("web=trace:2").matches(task, 2)).toBe(true);
  expect(parseGroupRule("web=trace:2").matches(task, 1)).toBe(false);
  expect(parseGroupRule("web=tid:7").matches(task, 1)).toBe(true);
  expect(parseGroupRule("web=pid:7").matches(task, 1)).toBe(false);
  expect(parseGroupRule("web=comm:sort").matches(task, 1)).toBe(true);
  expect(() => parseGroupRule("web")).toThrow("NAME=trace:N");
  expect(() => parseGroupRule("web=tid:x")).toThrow("a whole number");
});

test("numbers are printed for people", () => {
  expect(count(1_234_567)).toBe("1,234,567");
  expect(count(12n)).toBe("12");
  expect(percent(1, 3)).toBe("33.33 %");
  expect(percent(0, 0)).toBe("-");
  expect(size(1023)).toBe("1023 B");
  expect(size(1536)).toBe("1.50 KiB");
  expect(size(1024 * 1024 * 20)).toBe("20.0 MiB");
  expect(time(1500)).toBe("1.500 us");
  expect(table(["a", "bb"], [["x", "1"]])).toBe("a  bb\nx   1");
});
