// What clients of a tree do at random, valid and hostile things alike. Names come from small sets, so that they meet.

import fc from "fast-check";
import type { Caller } from "../../../../src/tree/caller.ts";
import type { Shape } from "./shape.ts";
import { hostile } from "./texts.ts";

export type Action = { readonly by: Caller } & (
  | { readonly do: "read" | "lookup" | "readdir" | "rmdir"; readonly path: string }
  | { readonly do: "write"; readonly path: string; readonly data: string }
  | { readonly do: "mkdir" | "chmod"; readonly path: string; readonly mode: number }
  | { readonly do: "rename"; readonly path: string; readonly to: string }
  | { readonly do: "chown"; readonly path: string; readonly uid: number; readonly gid: number }
  /** Opens a file and keeps it; what is kept is read and written later, whatever has become of it. */
  | { readonly do: "keep"; readonly path: string; readonly access: "r" | "w" | "rw" }
  | { readonly do: "readKept"; readonly kept: number }
  | { readonly do: "writeKept"; readonly kept: number; readonly data: string }
  | { readonly do: "cpu"; readonly cpu: number; readonly online: boolean }
  | { readonly do: "pass"; readonly ns: number }
);

const CONTROLS = ["a", "b", "c", "d"];
const MONITORS = ["m", "n"];
const GROUP_FILES = [
  "tasks",
  "cpus",
  "cpus_list",
  "schemata",
  "mode",
  "size",
  "ctrl_hw_id",
  "mon_hw_id",
  "mbm_L3_assignments",
];
const FILTER = "event_configs/mbm_total_bytes/event_filter";
const WRITABLE_INFO = ["max_threshold_occupancy", "mbm_assign_mode", "mbm_assign_on_mkdir", FILTER] as const;
const INFO_FILES = [
  "last_cmd_status",
  ...["num_closids", "cbm_mask", "min_cbm_bits", "shareable_bits", "bit_usage", "sparse_masks"].map(
    (file) => `L3/${file}`,
  ),
  ...[
    "L2/bit_usage",
    "L2/num_closids",
    "L3CODE/bit_usage",
    "L3DATA/num_closids",
    "L2CODE/cbm_mask",
    "L2DATA/bit_usage",
  ],
  ...["num_closids", "min_bandwidth", "bandwidth_gran", "delay_linear", "thread_throttle_mode"].map(
    (file) => `MB/${file}`,
  ),
  ...["num_rmids", "mon_features", "max_threshold_occupancy", "mbm_assign_mode", "mbm_assign_on_mkdir"].map(
    (file) => `L3_MON/${file}`,
  ),
  ...["num_mbm_cntrs", "available_mbm_cntrs", FILTER].map((file) => `L3_MON/${file}`),
];
const INFO_DIRECTORIES = [
  "/info",
  "/info/L3",
  "/info/L3_MON",
  "/info/L3_MON/event_configs",
  "/info/L3_MON/event_configs/mbm_total_bytes",
];

const SECOND = 1_000_000_000;

/** One of those that are there when it comes to it: `{control 7}`. */
const existing = (what: string) => fc.nat(99).map((number) => `{${what} ${number}}`);

/** "" is the default group. */
const control = fc.oneof(
  { weight: 4, arbitrary: existing("control") },
  { weight: 1, arbitrary: fc.constantFrom("", ...CONTROLS.map((name) => `/${name}`)) },
);
/** A place for one, taken or not. */
const monitorPlace = fc
  .tuple(control, fc.constantFrom(...MONITORS))
  .map(([parent, name]) => `${parent}/mon_groups/${name}`);
const monitor = fc.oneof({ weight: 4, arbitrary: existing("monitor") }, { weight: 1, arbitrary: monitorPlace });
const group = fc.oneof({ weight: 3, arbitrary: control }, { weight: 2, arbitrary: monitor });

function callers({ tasks }: Shape): fc.Arbitrary<Caller> {
  const pid = fc.constantFrom(...tasks.map(({ tid }) => tid));
  const by = (uid: number) => pid.map((of) => ({ uid, gid: uid, pid: of }));
  return fc.oneof(
    { weight: 8, arbitrary: by(0) },
    { weight: 2, arbitrary: by(1000) },
    { weight: 1, arbitrary: by(2000) },
  );
}

function domainDirectory({ l3 }: Shape): fc.Arbitrary<string> {
  const ids = (l3?.domains ?? []).map(({ id }) => id);
  return fc.constantFrom(...ids, 77).map((id) => `mon_L3_${`${id}`.padStart(2, "0")}`);
}

/** Of files and directories, there or not. */
function paths(shape: Shape): fc.Arbitrary<string> {
  const monitored = fc
    .tuple(group, domainDirectory(shape), fc.constantFrom("llc_occupancy", "mbm_total_bytes", "mbm_local_bytes"))
    .map(([of, domain, file]) => `${of}/mon_data/${domain}/${file}`);
  const ofGroup = fc.tuple(group, fc.constantFrom(...GROUP_FILES)).map(([of, file]) => `${of}/${file}`);
  const directories = fc
    .tuple(group, fc.constantFrom("", "/mon_groups", "/mon_data"), domainDirectory(shape), fc.boolean())
    .map(([of, below, domain, deep]) => `${of}${below}${below === "/mon_data" && deep ? `/${domain}` : ""}` || "/");
  return fc.oneof(
    { weight: 8, arbitrary: ofGroup },
    { weight: 4, arbitrary: monitored },
    { weight: 4, arbitrary: fc.constantFrom(...INFO_FILES.map((file) => `/info/${file}`)) },
    { weight: 3, arbitrary: directories },
    { weight: 1, arbitrary: fc.constantFrom(...INFO_DIRECTORIES, "/nothing", "/a/tasks/x", "/a/nothing") },
  );
}

/** Where somebody might want a group to be. */
function places(): fc.Arbitrary<string> {
  const under = fc
    .tuple(control, fc.constantFrom("/x", "/mon_groups/mon_groups", "/mon_data/x", "/mon_groups/m/x", "/tasks"))
    .map((two) => two.join(""));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...CONTROLS.map((name) => `/${name}`)) },
    { weight: 9, arbitrary: monitorPlace },
    { weight: 1, arbitrary: under },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...INFO_DIRECTORIES.map((path) => `${path}/x`), "/info", "/two\nlines", "/nothing/x"),
    },
  );
}

/** Paths and what is written to them. */
function writes(shape: Shape): fc.Arbitrary<{ path: string; data: string }> {
  const texts = hostile(shape);
  const to = (file: keyof typeof texts) => {
    // Mostly where there is such a file.
    const where =
      file === "schemata" || file === "mode"
        ? fc.oneof({ weight: 6, arbitrary: control }, { weight: 1, arbitrary: monitor })
        : group;
    return fc.record({ path: where.map((of) => `${of}/${file}`), data: texts[file] });
  };
  const info = fc.oneof(
    ...WRITABLE_INFO.map((file) => fc.record({ path: fc.constant(`/info/L3_MON/${file}`), data: texts[file] })),
  );
  const anything = fc.record({ path: paths(shape), data: fc.oneof(texts.schemata, texts.tasks, texts.cpus) });
  return fc.oneof(
    { weight: 10, arbitrary: to("schemata") },
    { weight: 6, arbitrary: to("tasks") },
    { weight: 5, arbitrary: to("cpus") },
    { weight: 5, arbitrary: to("cpus_list") },
    { weight: 3, arbitrary: to("mode") },
    { weight: 4, arbitrary: to("mbm_L3_assignments") },
    { weight: 3, arbitrary: info },
    { weight: 1, arbitrary: anything },
  );
}

export function actions(shape: Shape): fc.Arbitrary<Action> {
  const by = callers(shape);
  const path = paths(shape);
  const place = places();
  const readOnly = fc.constantFrom(`/info/L3_MON/${FILTER}`, "/size", "/info/L3/cbm_mask", "/info/MB/min_bandwidth");
  const kept = fc.nat(3);
  const one = <T extends object>(weight: number, fields: fc.Arbitrary<T>) => ({
    weight,
    arbitrary: fc.tuple(by, fields).map(([caller, rest]) => ({ by: caller, ...rest }) as unknown as Action),
  });
  const named = <D extends Action["do"], T extends object>(what: D, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    fc.record({ do: fc.constant(what), ...fields } as Record<string, fc.Arbitrary<unknown>>);
  const mode = fc.constantFrom(0o755, 0o777, 0o755, 0o777, 0, 0o700, 0o555);
  const bits = fc.constantFrom(0o644, 0o666, 0o666, 0o444, 0o222, 0, 0o777, 0o777, 0o555);
  const cpu = fc.nat(shape.cpus - 1);
  return fc.oneof(
    one(18, named("read", { path })),
    one(
      30,
      writes(shape).map((write) => ({ do: "write", ...write })),
    ),
    one(14, named("mkdir", { path: place, mode })),
    one(6, named("rmdir", { path: fc.oneof({ weight: 6, arbitrary: group }, { weight: 1, arbitrary: path }) })),
    one(
      5,
      named("rename", {
        path: fc.oneof(
          { weight: 5, arbitrary: monitor },
          { weight: 1, arbitrary: control },
          { weight: 1, arbitrary: path },
        ),
        to: place,
      }),
    ),
    one(
      3,
      named("chmod", {
        path: fc.oneof({ weight: 4, arbitrary: path }, { weight: 1, arbitrary: readOnly }),
        mode: bits,
      }),
    ),
    one(1, named("chown", { path, uid: fc.constantFrom(0, 1000), gid: fc.constantFrom(0, 1000) })),
    // Otherwise it is nothing that can be written.
    one(2, named("chmod", { path: fc.constant(`/info/L3_MON/${FILTER}`), mode: fc.constant(0o666) })),
    one(2, named("lookup", { path })),
    one(3, named("readdir", { path })),
    one(4, named("keep", { path, access: fc.constantFrom("r", "w", "rw") })),
    one(4, named("readKept", { kept })),
    one(
      4,
      fc.tuple(kept, writes(shape)).map(([number, { data }]) => ({ do: "writeKept", kept: number, data })),
    ),
    one(5, named("cpu", { cpu, online: fc.boolean() })),
    one(5, named("pass", { ns: fc.constantFrom(1, SECOND / 2 + 1, SECOND, 3 * SECOND) })),
  );
}

/** The same for the same seed. */
export function randomActions(shape: Shape, seed: number, count: number): Action[] {
  return fc.sample(fc.noBias(actions(shape)), { seed, numRuns: count });
}

/** Puts the groups there are, "" the default one, where an action leaves it open. */
export function resolved(
  action: Action,
  groups: { readonly control: readonly string[]; readonly monitor: readonly string[] },
): Action {
  const put = (path: string) =>
    path.replace(/\{(control|monitor) (\d+)\}/, (_, kind: "control" | "monitor", number) => {
      const there = groups[kind];
      return there.length > 0 ? there[Number(number) % there.length]! : "/mon_groups/m";
    });
  const fields = action as { path?: string; to?: string };
  const { path, to } = fields;
  return {
    ...action,
    ...(path !== undefined && { path: put(path) }),
    ...(to !== undefined && { to: put(to) }),
  } as Action;
}
