// Scripts as text: what each line means, and what is refused where.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../src/errno/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";
import { parseScript, type ScriptTree, showTime } from "../../src/script/index.ts";
import { WrittenError } from "../../src/written/index.ts";

/** What a line does to a tree, and what comes of it. */
async function effectOf(line: string, files: Readonly<Record<string, string>> = {}) {
  const calls: string[] = [];
  const bytes = new TextDecoder("latin1");
  const tree: ScriptTree = {
    mkdir: async (path) => void calls.push(`mkdir ${path}`),
    rmdir: async (path) => {
      throw new ErrnoError("ENOENT", `${path}: not there`);
    },
    rename: async (from, to) => void calls.push(`rename ${from} ${to}`),
    writeFile: async (path, data) => void calls.push(`write ${path} ${JSON.stringify(bytes.decode(data))}`),
    async readFile(path) {
      const text = files[path];
      if (text === undefined) throw new ErrnoError("ENOENT", `${path}: not there`);
      return text;
    },
  };
  const [parsed] = parseScript(line, "s");
  const machine = {} as Machine;
  const outcome = await parsed?.action.run({ machine, tree, faults: new Map() });
  return { calls, ...outcome };
}

/** line:column, what was found, what would be right; one for each problem. */
function problemsOf(text: string): string[] {
  try {
    parseScript(text, "s");
  } catch (error) {
    if (error instanceof WrittenError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("times", () => {
  test.each([
    ["@0 mkdir a", { ns: 0 }],
    ["@1.5ms mkdir a", { ns: 1_500_000 }],
    ["@200us mkdir a", { ns: 200_000 }],
    ["@3000ns mkdir a", { ns: 3000 }],
    ["@2s mkdir a", { ns: 2_000_000_000 }],
    ["@50% mkdir a", { share: 0.5 }],
    ["@end mkdir a", { afterEnd: 0 }],
    ["@end+1s mkdir a", { afterEnd: 1_000_000_000 }],
    ["mkdir a", { ns: 0 }],
    ["  \t@7ns   mkdir   a  ", { ns: 7 }],
  ])("%s", (line, at) => {
    expect(parseScript(line, "s").map((one) => one.at)).toEqual([at]);
  });

  test("a line without one has that of the line before it", () => {
    const lines = parseScript("mkdir a\n@2ms mkdir b\n# nothing\n\nmkdir c\n@1ms mkdir d\nmkdir e\r\n", "s");
    expect(lines.map(({ at, place }) => [at, place.line])).toEqual([
      [{ ns: 0 }, 1],
      [{ ns: 2e6 }, 2],
      [{ ns: 2e6 }, 5],
      [{ ns: 1e6 }, 6],
      [{ ns: 1e6 }, 7],
    ]);
  });

  test.each(["@101%", "@5", "@-1ns", "@half", "@", "@1e3ns", "@end-1s", "@end+", "@99999999999999999s"])(
    "%s is none",
    (time) => {
      expect(problemsOf(`mkdir a\n  ${time} mkdir b`)).toEqual([
        `s:2:3: '${time}' is no time; a time such as @1.5ms or @0, a share of the run such as @50%, @end or @end+1s are allowed`,
      ]);
    },
  );

  test("are shown as a script would have them, exactly", () => {
    expect([0, 7, 999, 1000, 1500, 2_793_123, 1e9, 3.25e9, 86_400e9].map(showTime)).toEqual([
      "0",
      "7ns",
      "999ns",
      "1us",
      "1.5us",
      "2.793123ms",
      "1s",
      "3.25s",
      "86400s",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ns) => {
        expect(parseScript(`@${showTime(ns)} mkdir a`, "s")[0]?.at).toEqual({ ns });
      }),
    );
  });
});

describe("lines", () => {
  test.each([
    ["write web/tasks 7", 'write web/tasks "7\\n"'],
    ["write web/schemata L3:0=f;1=3  ", 'write web/schemata "L3:0=f;1=3\\n"'],
    ["write -n web/tasks 7", 'write web/tasks "7"'],
    ["write web/cpus_list", 'write web/cpus_list "\\n"'],
    ["write -n web/cpus_list", 'write web/cpus_list ""'],
    ["write web/tasks  1,  2", 'write web/tasks "1,  2\\n"'],
    ['write a "  b  "', 'write a "  b  \\n"'],
    ['write a "x\\ty\\n\\0\\\\\\"\\x41\\xff"', 'write a "x\\ty\\n\\u0000\\\\\\"Aÿ\\n"'],
    ['write -n a "MB:0=5\\nL3:0=f\\n"', 'write a "MB:0=5\\nL3:0=f\\n"'],
    ['write "a b" c', 'write a b "c\\n"'],
    ["write a ü", 'write a "Ã¼\\n"'],
    ['write a say "hi"', 'write a "say \\"hi\\"\\n"'],
    ["mkdir web", "mkdir web"],
    ['mkdir "a b"', "mkdir a b"],
    ["rename mon_groups/a mon_groups/b", "rename mon_groups/a mon_groups/b"],
  ])("%s", async (line, call) => {
    expect((await effectOf(line)).calls).toEqual([call]);
  });

  test("read answers the file", async () => {
    expect(await effectOf("read mode", { mode: "shareable\n" })).toMatchObject({ text: "shareable\n" });
  });

  test.each([
    ["expect mode shareable", true],
    ["expect mode exclusive", false],
    ['expect mode "shareable\\n"', true],
    ['expect mode "shareable"', false],
    ["expect none shareable", false],
    ["expect empty", false],
    ['expect empty ""', true],
    ["expect ENOENT rmdir web", true],
    ["expect EBUSY rmdir web", false],
    ["expect ENOENT mkdir web", false],
    ["expect ENOENT read none", true],
    ["expect ENOENT expect ENOENT rmdir web", false],
  ])("%s: %s", async (line, met) => {
    expect(await effectOf(line, { mode: "shareable\n", empty: "" })).toMatchObject({ met });
  });

  test("an expectation that is not met says what was expected and what was there", async () => {
    const schemata = "    MB:0=100\n    L3:0=f\n";
    expect((await effectOf('expect s "    MB:0=100\\n    L3:0=ff\\n"', { s: schemata })).diff).toBe(
      "     MB:0=100\n-    L3:0=ff\n+    L3:0=f",
    );
    expect((await effectOf("expect s a", { s: "a\0" })).diff).toBe("-a\n+a\\0\n+\\ no newline at the end");
    expect((await effectOf("expect none a")).diff).toBe("-a\n! ENOENT: none: not there");
    expect((await effectOf("expect EBUSY rmdir a")).diff).toBe("-EBUSY\n+ENOENT: a: not there");
    expect((await effectOf("expect EBUSY mkdir a")).diff).toBe("-EBUSY\n+it succeeded");
  });
});

describe("refused with its place", () => {
  test.each([
    ["wirte web/tasks 7", /^s:1:1: there is no 'wirte'; did you mean write\? write, read, mkdir, /],
    ["@1ms", /^s:1:5: the line ends here; write, read, mkdir, /],
    ["@1ms write", /^s:1:11: the line ends here; write \[-n\] PATH TEXT$/],
    ["mkdir", /^s:1:6: the line ends here; mkdir PATH$/],
    ["mkdir a b", /^s:1:9: 'b' is too much; the line ends before it$/],
    ["rename a", /^s:1:9: the line ends here; rename FROM TO$/],
    ['write a "b', /^s:1:9: a quoted text has no end; it ends with "$/],
    ['write a "b\\', /^s:1:\d+: \\ is no character; /],
    ['write a "\\q"', /^s:1:10: \\q is no character; \\n, \\t, \\0, /],
    ['write a "\\x4"', /^s:1:10: \\x is no character; /],
    ['write a "b" c', /^s:1:13: 'c' is too much; /],
    ["cpu x online", /^s:1:5: 'x' is no number of a cpu; cpu N online, cpu N offline or cpu N poke NAME VALUE$/],
    ["cpu 1 on", /^s:1:7: a cpu is not 'on'; cpu N online, cpu N offline or cpu N poke NAME VALUE$/],
    ["cpu 1 poke", /^s:1:11: the line ends here; NAME is a system register such as MPAMBW0_EL1, VALUE /],
    ["cpu 1 poke MPAMBW_EL1 0", /^s:1:12: MPAMBW_EL1 is no system register; did you mean MPAMBW\d_EL1\?$/],
    ["cpu 1 poke MPAM0_EL1 zero", /^s:1:22: 'zero' is no value of a register; .* 64 bits$/],
    ["cpu 1 poke MPAM0_EL1 0x1_0000_0000_0000_0000", /^s:1:22: '0x1_0000_0000_0000_0000' is no value of a register; /],
    ["cpu 1 poke MPAM0_EL1 1 2", /^s:1:24: '2' is too much; /],
    ["capture 7", /^s:1:9: there is no capture event '7'; capture local, or capture N with N from 1 to 6$/],
    ["capture 1.5", /there is no capture event '1\.5'/],
    ["expect EINVALL write a b", /^s:1:8: EINVALL is no errno; did you mean EINVAL\? EPERM, /],
    ["expect EINVAL", /^s:1:14: the line ends here; write, read, /],
    ["expect EINVAL wirte a b", /^s:1:15: there is no 'wirte'; did you mean write\?/],
    ["fault nrdy-stuck msc", /^s:1:18: 'msc' has no value; KEY=VALUE is allowed$/],
    ["fault nrdy-stuck msc=0 msc=1", /^s:1:24: msc stands there twice; /],
    ["unfault", /^s:1:8: the line ends here; unfault NAME/],
    ["constructor a", /there is no 'constructor'/],
    ["__proto__ a", /there is no '__proto__'/],
  ])("%s", (line, says) => {
    expect(problemsOf(line)).toHaveLength(1);
    expect(problemsOf(line)[0]).toMatch(says);
  });

  test("every line that is wrong, in the order of the file", () => {
    const found = problemsOf("mkdir a\nmkdri b\n# mkdri c\n@x mkdir d\nmkdir e");
    expect(found.map((line) => line.split(":").slice(0, 3).join(":"))).toEqual(["s:2:1", "s:4:1"]);
  });

  test.each([
    ["50% echo L3:0=3 > web/schemata", "@50% write web/schemata L3:0=3"],
    ["0ns mkdir web", "@0ns mkdir web"],
    ["0% rmdir web", "@0% rmdir web"],
    ["0% echo 'L3:0=3;1=f' >web/schemata", "@0% write web/schemata L3:0=3;1=f"],
    ["0% echo > web/cpus_list", "@0% write web/cpus_list"],
    ['1us echo -n "7" > web/tasks', "@1us write -n web/tasks 7"],
    ["echo 7 > web/tasks", "write web/tasks 7"],
    ["@1us echo 7 > web/tasks", "@1us write web/tasks 7"],
  ])("the older form, with the line that does the same now: %s", (line, now) => {
    expect(problemsOf(line)).toEqual([`s:1:1: this is the older form of a line; now it is: ${now}`]);
    expect(problemsOf(now)).toEqual([]);
  });

  test("whatever else is given: a list of problems, or lines", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "@",
        "@0",
        "@5%",
        "@end",
        "write",
        "read",
        "expect",
        "EINVAL",
        "fault",
        "f:",
        "msc=0",
        "cpu",
        '"',
        "\\",
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom(" ", "\n", "\t", "\r", "\0", "#", " "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join("");
        const found = problemsOf(text);
        for (const line of found) expect(line).toMatch(/^s:\d+:\d+: .+; ./s);
        if (found.length === 0) expect(parseScript(text, "s").length).toBeLessThanOrEqual(text.split("\n").length);
      }),
    );
  });

  test("a long line, soon", () => {
    expect(problemsOf(`write a "${"\\x41".repeat(200_000)}"`)).toEqual([]);
    expect(problemsOf(`${"echo ".repeat(50_000)}`)).toHaveLength(1);
    expect(problemsOf(`1ns echo ${"a ".repeat(100_000)}`)).toHaveLength(1);
  });
});

describe("faults", () => {
  test.each([
    ["fault nrdy-stuck msc=0 ris=0 mon=3 type=csu", { kind: "nrdy-stuck", msc: 0, ris: 0, mon: 3, type: "csu" }],
    [
      "fault write-lost msc=0 register=MPAMCFG_CPBM times=2",
      { kind: "write-lost", register: "MPAMCFG_CPBM", times: 2 },
    ],
    [
      "fault register-stuck msc=1 register=MSMON_MBWU value=0x7fffffff mask=0xff",
      { kind: "register-stuck", msc: 1, value: 0x7fff_ffff, mask: 255 },
    ],
    ["fault f: error-interrupt msc=0 code=2 everyNs=1ms times=3", { kind: "error-interrupt", everyNs: 1e6, times: 3 }],
    ["fault mailbox subspace=0 how=slow ns=20us", { kind: "mailbox", subspace: 0, how: "slow", ns: 20_000 }],
    ["fault mailbox subspace=0 how=corrupt what=busy times=1", { kind: "mailbox", how: "corrupt", what: "busy" }],
    ["fault msc-gone msc=1 reads=zeros", { kind: "msc-gone", msc: 1, reads: "zeros" }],
  ])("%s is one of the machine's", async (line, fault) => {
    const name = line.includes("mailbox") ? "firmware-backed" : "one-socket";
    const machine = await Machine.create(await loadPlatform(new URL(`../../platforms/${name}.yaml`, import.meta.url)));
    const [parsed] = parseScript(line, "s");
    parsed?.action.check?.(machine);
    const before = machine.faults.list.length;
    await parsed?.action.run({ machine, tree: {} as ScriptTree, faults: new Map() });
    const handles = machine.faults.list.slice(before);
    if (handles.length > 0) expect(handles[0]?.fault).toMatchObject(fault);
    else expect(line).toContain("error-interrupt");
  });
});
