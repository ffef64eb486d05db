// What software writes into the stream table, and when the SMMU sees it (IHI 0070, 4.3, 5.2, 5.4, 5.6.2).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Smmu, SmmuCommand } from "../../../src/machine/smmu/index.ts";
import { CD, get, STE, set, smmuOf } from "./smmus.ts";

const partidOf = (smmu: Smmu, sid = 7, ssid?: number) => {
  const found = smmu.label(sid, ssid === undefined ? {} : { ssid });
  return "aborted" in found ? undefined : found.partid;
};

describe("boot software has written", () => {
  const CONFIG = { abort: 0, bypass: 4, stage1: 5, stage2: 6, nested: 7 } as const;

  test("each field of a stream where the architecture has it", () => {
    fc.assert(
      fc.property(
        fc.record({
          sid: fc.integer({ min: 0, max: 0xffff_ffff }),
          config: fc.constantFrom(...(["abort", "bypass", "stage1", "stage2", "nested"] as const)),
          partid: fc.integer({ min: 0, max: 65535 }),
          pmg: fc.integer({ min: 0, max: 255 }),
          vmid: fc.integer({ min: 0, max: 65535 }),
          s1mpam: fc.boolean(),
          s1dss: fc.constantFrom(...(["terminate", "bypass", "substream0"] as const)),
          ssids: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 3 }),
          map: fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 32 }),
        }),
        ({ sid, config, partid, pmg, vmid, s1mpam, s1dss, ssids, map }) => {
          const stage1 = config === "stage1" || config === "nested";
          const virtual = config === "nested" && s1mpam;
          const substreams = ssids.map((ssid, i) => ({ ssid, partid: i, pmg: 255 - i }));
          const stream = {
            ...{ sid, config, partid, pmg, vmid, s1dss },
            ...(stage1 ? { s1mpam, substreams } : {}),
            ...(virtual ? { vms: map } : {}),
          };
          const smmu = smmuOf({ partidMax: 65535, pmgMax: 255, streams: [stream] });
          const ste = smmu.stream(sid);
          expect(get(ste, STE.V)).toBe(1);
          expect(get(ste, STE.Config)).toBe(CONFIG[config]);
          expect(get(ste, STE.PARTID)).toBe(partid);
          expect(get(ste, STE.PMG)).toBe(pmg);
          expect(get(ste, STE.S2VMID)).toBe(vmid);
          expect(get(ste, STE.S1MPAM)).toBe(Number(stage1 && s1mpam));
          expect(get(ste, STE.S1DSS)).toBe({ terminate: 0, bypass: 1, substream0: 2 }[s1dss]);
          // As few bits as the SubstreamIDs need.
          const bits = stage1 ? Math.max(...ssids).toString(2).length * Number(Math.max(...ssids) > 0) : 0;
          expect(get(ste, STE.S1CDMax)).toBe(bits);
          for (const one of stage1 ? substreams : []) {
            const cd = ste.cd(one.ssid);
            expect([get(cd, CD.V), get(cd, CD.PARTID), get(cd, CD.PMG)]).toEqual([1, one.partid, one.pmg]);
          }
          if (!virtual) return;
          const vms = smmu.vms(get(ste, STE.VMSPtr) * 4096);
          const there = Array.from({ length: 32 }, (_, i) => get(vms, [16 * i + 15, 16 * i]));
          expect(there).toEqual(Array.from({ length: 32 }, (_, i) => map[i] ?? 0));
        },
      ),
    );
  });

  test("nothing elsewhere, and software may write anything anywhere", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 2 ** 20 - 1 }),
        fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 8, maxLength: 8 }),
        (sid, ssid, words) => {
          const smmu = smmuOf({});
          for (const at of [smmu.stream(sid), smmu.stream(sid).cd(ssid), smmu.vms(4096 * ssid)]) {
            for (let i = 0; i < 8; i++) expect(at.read(i)).toBe(0n);
            words.forEach((word, i) => void at.write(i, word));
            expect(words.map((_, i) => at.read(i))).toEqual(words);
          }
          // Whatever is written there, a lookup has an answer.
          smmu.label(sid, { ssid });
        },
      ),
    );
  });

  test("and what is no word, no stream and no page is refused", () => {
    const smmu = smmuOf({});
    expect(() => smmu.stream(2 ** 32)).toThrow(/StreamID 4294967296: 0 to 4294967295 is allowed/);
    expect(() => smmu.stream(1).cd(2 ** 20)).toThrow(/SubstreamID 1048576/);
    expect(() => smmu.stream(1).read(8)).toThrow(/word 8: 0 to 7/);
    expect(() => smmu.stream(1).write(0, 2n ** 64n)).toThrow(/no word of 64 bits/);
    expect(() => smmu.vms(5)).toThrow(/a multiple of 4096/);
    expect(() => smmu.stream(1, "s")).toThrow(/space s: this SMMU has streams in ns/);
  });
});

describe("a change shows after invalidation, and not before", () => {
  const TWO = [
    { ssid: 1, partid: 1 },
    { ssid: 2, partid: 2 },
  ];
  const stage1 = { sid: 7, config: "stage1", s1mpam: true, substreams: TWO };

  const STES: [SmmuCommand, boolean][] = [
    [{ op: "CFGI_STE", sid: 7 }, true],
    [{ op: "CFGI_STE", sid: 6 }, false],
    [{ op: "CFGI_STE_RANGE", sid: 4, range: 1 }, true],
    [{ op: "CFGI_STE_RANGE", sid: 6, range: 0 }, true],
    [{ op: "CFGI_STE_RANGE", sid: 4, range: 0 }, false],
    [{ op: "CFGI_STE_RANGE", sid: 8, range: 1 }, false],
    [{ op: "CFGI_STE_RANGE", sid: 0xffff_ffff, range: 31 }, true],
    [{ op: "CFGI_ALL" }, true],
    [{ op: "CFGI_CD", sid: 7, ssid: 0 }, false],
    [{ op: "CFGI_CD_ALL", sid: 7 }, false],
    [{ op: "CFGI_VMS_PIDM", vmid: 0 }, false],
  ];
  test.each(STES)("of an STE: %j %s", (command, shows) => {
    const smmu = smmuOf({ streams: [{ sid: 7, config: "bypass", partid: 3 }] });
    set(smmu.stream(7), STE.PARTID, 4);
    expect(partidOf(smmu)).toBe(3);
    smmu.invalidate(command);
    expect(partidOf(smmu)).toBe(shows ? 4 : 3);
  });

  const CDS: [SmmuCommand, number[]][] = [
    [{ op: "CFGI_CD", sid: 7, ssid: 1 }, [11, 2]],
    [{ op: "CFGI_CD", sid: 7, ssid: 2 }, [1, 12]],
    [{ op: "CFGI_CD", sid: 8, ssid: 1 }, [1, 2]],
    [{ op: "CFGI_CD_ALL", sid: 7 }, [11, 12]],
    [{ op: "CFGI_STE", sid: 7 }, [11, 12]],
    [{ op: "CFGI_ALL" }, [11, 12]],
  ];
  test.each(CDS)("of CDs: %j", (command, expected) => {
    const smmu = smmuOf({ streams: [stage1] });
    set(smmu.stream(7).cd(1), CD.PARTID, 11);
    set(smmu.stream(7).cd(2), CD.PARTID, 12);
    expect([1, 2].map((ssid) => partidOf(smmu, 7, ssid))).toEqual([1, 2]);
    smmu.invalidate(command);
    expect([1, 2].map((ssid) => partidOf(smmu, 7, ssid))).toEqual(expected);
  });

  test("of a map: it is kept by stream and by VMID, and the VMID goes first", () => {
    const nested = { config: "nested", s1mpam: true, vmid: 9, vms: [5] };
    const changed = () => {
      const smmu = smmuOf({
        streams: [
          { sid: 7, ...nested },
          { sid: 8, ...nested },
        ],
      });
      smmu.vms(get(smmu.stream(7), STE.VMSPtr) * 4096).write(0, 6n);
      return smmu;
    };
    const stream = { op: "CFGI_STE", sid: 7 } as const;
    const vmid = { op: "CFGI_VMS_PIDM", vmid: 9 } as const;
    const after = (...commands: SmmuCommand[]) => {
      const smmu = changed();
      for (const command of commands) {
        smmu.invalidate(command);
        partidOf(smmu, 7);
      }
      return [partidOf(smmu, 7), partidOf(smmu, 8)];
    };
    expect(after(stream)).toEqual([5, 5]);
    expect(after(vmid)).toEqual([5, 5]);
    // In the other order the stream finds the old map under its VMID.
    expect(after(stream, vmid)).toEqual([5, 5]);
    expect(after(vmid, stream)).toEqual([6, 5]);
    expect(after({ op: "CFGI_VMS_PIDM", vmid: 8 }, stream)).toEqual([5, 5]);
    expect(after({ op: "CFGI_ALL" })).toEqual([6, 6]);
  });

  test("of one space only in that space", () => {
    const bypass = { sid: 7, config: "bypass", partid: 3 };
    const smmu = smmuOf({
      secure: { partidMax: 15, pmgMax: 1 },
      streams: [bypass, { ...bypass, space: "s" }],
    });
    set(smmu.stream(7), STE.PARTID, 4);
    set(smmu.stream(7, "s"), STE.PARTID, 5);
    smmu.invalidate({ op: "CFGI_ALL", space: "s" });
    expect(smmu.label(7)).toMatchObject({ partid: 3 });
    expect(smmu.label(7, { space: "s" })).toMatchObject({ partid: 5 });
  });
});

test("a saved SMMU is the same: what was written and what was cached", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ what: fc.constant("write"), sid: fc.nat(2), partid: fc.nat(31) }),
          fc.record({ what: fc.constant("cd"), sid: fc.nat(2), partid: fc.nat(31) }),
          fc.record({ what: fc.constant("ste"), sid: fc.nat(2), partid: fc.constant(0) }),
          fc.record({ what: fc.constant("look"), sid: fc.nat(2), partid: fc.constant(0) }),
        ),
        { maxLength: 30 },
      ),
      fc.nat(30),
      (steps, cut) => {
        const streams = [
          { sid: 0, config: "bypass", partid: 1 },
          { sid: 1, config: "stage1", s1mpam: true },
        ];
        const act = (smmu: Smmu, { what, sid, partid }: (typeof steps)[number]) => {
          if (what === "write") set(smmu.stream(sid), STE.PARTID, partid);
          else if (what === "cd") set(smmu.stream(sid).cd(0), CD.PARTID, partid);
          else if (what === "ste") smmu.invalidate({ op: "CFGI_STE", sid });
          return [0, 1, 2].map((one) => smmu.label(one));
        };
        const one = smmuOf({ streams });
        let other = smmuOf({ streams });
        steps.forEach((step, i) => {
          if (i === cut) other = smmuOf({ streams }, JSON.parse(JSON.stringify(other.save())));
          expect(act(other, step)).toEqual(act(one, step));
        });
      },
    ),
  );
});
