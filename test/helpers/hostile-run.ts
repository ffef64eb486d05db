// A run made by hand, in which every name would like to be something else.

import type { Run } from "../../src/report/run.ts";

export const HOSTILE = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `</style></title></svg>'&lt;]]><!--`,
  `a,"b"\r\nc`,
  "\u0000\u001b[31m\ud800\u202egnp",
];
const [SCRIPT = "", IMG = "", END = "", , CONTROL = ""] = HOSTILE;

const parts = (n: number) => ({
  accesses: n,
  misses: n / 2,
  bytesRead: 64 * n,
  bytesWritten: 32 * n,
  bytesHeld: 64 * n,
});
const lost = <T>(one: T) => ({ other: one, ownPortion: one, ownLimit: one, disabled: one, inclusion: one });

/** Two samples of 1000 ns, a group for each name, one level, one port, latencies, limits, lines and interrupts. */
export function hostileRun(): Run {
  return {
    format: "mpam-run",
    version: 1,
    tool: `tool ${IMG}`,
    platform: {
      name: SCRIPT,
      description: IMG,
      cpus: 2,
      lineBytes: 64,
      caches: [{ level: 3, count: 1, bytes: 65536, ways: 16, slices: 1, policy: END }],
      memory: [{ node: 0, channels: 1, bytesPerSecond: 1e9 }],
    },
    traces: [{ name: IMG, hash: SCRIPT, records: 10 }],
    options: [SCRIPT, CONTROL],
    timing: "closed",
    seed: 7,
    records: 30,
    from: 0,
    to: 2000,
    countFrom: 500,
    samples: [1000, 2000],
    ports: [{ port: `node ${IMG}`, bytesPerSecond: 1e9 }],
    groups: HOSTILE.map((group, n) => ({
      group,
      levels: [{ level: 3, bytesHeld: [64, 128 * (n + 1)], accesses: [10, 20], misses: [5, 10], lost: lost([n, 2]) }],
      ports: [{ port: `node ${IMG}`, bytes: [640, 64 * n] }],
      latency: { requests: [10, 0], sumNs: [100, 0], heldNs: [1, 0], p95Ns: [20, null] },
    })),
    totals: HOSTILE.map((group) => ({
      group,
      ...parts(30),
      levels: [{ level: 3, ...parts(30), lost: lost(2) }],
      parts: [{ part: `L3 ${SCRIPT}`, ...parts(30) }],
      latency: { requests: 10, meanNs: 10, p50Ns: 9, p95Ns: 20, p99Ns: 20, heldNs: 1, stalledNs: 0 },
    })),
    phases: [
      {
        from: 0,
        to: 2000,
        groups: HOSTILE.map((group) => ({ group, labels: [SCRIPT], schemata: `    L3:0=${END}\n` })),
        limits: [{ port: `node ${IMG}`, group: SCRIPT, bytesPerSecond: 5e8, hard: false }],
      },
    ],
    lines: HOSTILE.map((text, n) => ({ time: 300 * n, text: `write ${text}`, changes: true, met: n % 2 === 0 })),
    interrupts: [{ time: 700, kind: SCRIPT, source: IMG, level: 1, delivery: END, count: 2, space: IMG }],
    settings: [{ msc: 0, name: `L3 ${IMG}`, ris: 1, partids: [0, 1], registers: { [SCRIPT]: END } }],
    notes: [IMG],
  };
}
