// Label maps as people write them: who matches, what it comes to, and what is refused where.
import { describe, expect, test } from "vitest";
import type { TraceRequester } from "../../src/machine/index.ts";
import { checkLabelMap, parseLabelMap } from "../../src/trace/index.ts";
import { WrittenError } from "../../src/written/index.ts";

const who = (different: Partial<TraceRequester>): TraceRequester => ({ asid: 1, pid: 10, tid: 11, ...different });

/** Which of these a match takes. */
function taken(match: object, all: readonly Partial<TraceRequester>[]): boolean[] {
  const { rules } = checkLabelMap({ rules: [{ match, label: { partid: 1 } }] });
  return all.map((one) => rules[0]?.matches(who(one)) ?? expect.unreachable());
}

describe("a match", () => {
  test("takes numbers, ranges and lists of them", () => {
    const tids = [{ tid: 3 }, { tid: 4 }, { tid: 7 }, { tid: 8 }, { tid: 20 }];
    expect(taken({ tid: 7 }, tids)).toEqual([false, false, true, false, false]);
    expect(taken({ tid: "4-7" }, tids)).toEqual([false, true, true, false, false]);
    expect(taken({ tid: ["4-7", 20] }, tids)).toEqual([false, true, true, false, true]);
    expect(taken({ tid: "3, 8-9" }, tids)).toEqual([true, false, false, true, false]);
  });

  test("takes texts, in which * and ? stand for others and nothing else does", () => {
    const comms = [{ comm: "web" }, { comm: "web-1" }, { comm: "webs" }, { comm: "a.b" }, { comm: "axb" }, {}];
    expect(taken({ comm: "web" }, comms)).toEqual([true, false, false, false, false, false]);
    expect(taken({ comm: "web*" }, comms)).toEqual([true, true, true, false, false, false]);
    expect(taken({ comm: "web?" }, comms)).toEqual([false, false, true, false, false, false]);
    expect(taken({ comm: ["a.b", "web"] }, comms)).toEqual([true, false, false, true, false, false]);
    expect(taken({ source: "*.zip" }, [{ source: "a.zip" }, { source: "a.zip.gz" }, {}])).toEqual([true, false, false]);
  });

  test("asks for all of its keys, and what a requester does not have matches nothing", () => {
    expect(taken({ cpu: 0, el: 1 }, [{ cpu: 0, el: 1 }, { cpu: 0, el: 0 }, { cpu: 0 }, {}])).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(taken({ asid: 1, pid: 10 }, [{}, { asid: 2 }, { pid: 9 }])).toEqual([true, false, false]);
  });
});

test("a map is YAML or JSON, with rules in order and a default", () => {
  const yaml = `
rules:
  - match: { comm: web*, cpu: 0-3 }
    label: { space: s, partid: 0x10, pmg: 1 }
  - match:
      tid: [7, 9]
    group: /web/mon_groups/api/
  - match: { cpu: 4-7 }
    group: batch
default:
  label: { partid: 2 }
`;
  const map = parseLabelMap(yaml, "labels.yaml");
  expect(map.rules.map(({ outcome, cpus }) => ({ ...outcome, cpus: cpus !== undefined }))).toEqual([
    { label: { space: "s", partid: 16, pmg: 1 }, place: { line: 4, column: 5 }, cpus: false },
    { group: "web/mon_groups/api", place: { line: 7, column: 12 }, cpus: false },
    { group: "batch", place: { line: 9, column: 12 }, cpus: true },
  ]);
  expect(map.default).toMatchObject({ label: { space: "ns", partid: 2, pmg: 0 } });
  expect(map.rules[2]?.cpus?.(4)).toBe(true);
  expect(map.rules[2]?.cpus?.(8)).toBe(false);
  const json = parseLabelMap('{"rules": [{"match": {"tid": 7}, "group": "/"}]}');
  expect(json.rules[0]?.outcome).toMatchObject({ group: "" });
  expect(json.default).toBeUndefined();
});

test.each([
  ["rules: 5", /labels.yaml:1:8: rules is 5; a list/],
  ["rulez: []", /labels.yaml:1:1: the label map has the unknown key rulez; did you mean rules\?/],
  ["rules:\n  - match: { tdi: 1 }\n    group: a", /labels.yaml:2:14: .*unknown key tdi; did you mean tid\?/],
  ["rules:\n  - match: { tid: x }\n    group: a", /labels.yaml:2:19: rules\[0\].match.tid is x; a number, a range/],
  ["rules:\n  - match: { tid: 7-4 }\n    group: a", /labels.yaml:2:19: rules\[0\].match.tid is 7-4/],
  ["rules:\n  - match: { comm: [] }\n    group: a", /labels.yaml:2:20: .*comm is an empty list; a text/],
  ["rules:\n  - match: {}\n    group: a", /labels.yaml:2:5: rules\[0\].match asks for nothing; some of tid, pid/],
  ["rules:\n  - match: { tid: 1 }", /labels.yaml:2:5: rules\[0\] has neither label nor group; one of label and group/],
  ["default: { group: a, label: { partid: 1 } }", /labels.yaml:1:1: default has a label and a group/],
  ["default: { label: { partid: 65536 } }", /labels.yaml:1:29: default.label.partid is 65536; a PARTID, 0 to 65535/],
  ["default: { label: { pmg: 1 } }", /default.label has no partid; a PARTID/],
  ["default: { label: { partid: 1, space: n } }", /labels.yaml:1:39: .*space is n; ns, s, rt or rl/],
  ["rules: [", /labels.yaml:1:9: not YAML: .*; a YAML map of label map keys is allowed/],
])("%j is refused with its place", (text, says) => {
  expect(() => parseLabelMap(text, "labels.yaml")).toThrow(says);
  expect(() => parseLabelMap(text, "labels.yaml")).toThrow(WrittenError);
});

test("every problem of a file is named, in its order", () => {
  const text = "rules:\n  - match: { tid: x }\n    group: a\n  - match: { pid: -1 }\n    group: 5\n";
  expect(() => parseLabelMap(text, "l")).toThrow(/^l:2:19: .*\nl:4:19: .*\nl:5:12: .*$/);
});
