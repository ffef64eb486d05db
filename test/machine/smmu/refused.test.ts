// What is no command, no request and no substream of an SMMU, and is refused in words.

import { describe, expect, test } from "vitest";
import type { SmmuCommand } from "../../../src/machine/smmu/index.ts";
import { smmuOf } from "./smmus.ts";

describe("an SMMU", () => {
  const smmu = smmuOf({ partidMax: 31, pmgMax: 1, streams: [{ sid: 7, config: "stage1" }] });

  test.each<[object, string]>([
    [
      { op: "TLBI_NH_ALL" },
      "command TLBI_NH_ALL: CFGI_STE, CFGI_STE_RANGE, CFGI_CD, CFGI_CD_ALL, CFGI_VMS_PIDM, CFGI_ALL",
    ],
    [{ op: "CFGI_STE_RANGE", sid: 0, range: 32 }, "CFGI_STE_RANGE: range 32; 0 to 31 is allowed"],
    [{ op: "CFGI_CD", sid: 7 }, "CFGI_CD: ssid undefined; 0 to 1048575 is allowed"],
    [{ op: "CFGI_VMS_PIDM", vmid: 65536 }, "CFGI_VMS_PIDM: vmid 65536; 0 to 65535 is allowed"],
    [{ op: "CFGI_STE", sid: -1 }, "StreamID -1: 0 to 4294967295 is allowed"],
  ])("%j is refused", (command, words) => {
    expect(() => smmu.invalidate(command as SmmuCommand)).toThrow(`EINVAL: ${words}`);
  });

  test("refuses kinds and SubstreamIDs that there are not", () => {
    expect(() => smmu.label(7, { kind: "dma" as never })).toThrow(/EINVAL: kind dma: client, .*gpt-walk/);
    for (const ssid of [-1, 1.5, 2 ** 20]) {
      expect(() => smmu.label(7, { ssid })).toThrow(`EINVAL: SubstreamID ${ssid}: 0 to 1048575 is allowed`);
    }
  });
});
