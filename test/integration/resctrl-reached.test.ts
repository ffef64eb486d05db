// What is drawn for the random tests of resctrl reaches every refusal that a tree on MPAM can give.

import { expect, test } from "vitest";
import type { Answered, Asked } from "../../src/fuse/journal.ts";
import type { Caller } from "../../src/tree/caller.ts";
import { randomActions } from "../helpers/plain/resctrl/actions.ts";
import { PlainResctrl } from "../helpers/plain/resctrl/model.ts";
import type { Shape } from "../helpers/plain/resctrl/shape.ts";
import { SMALL_SHAPES } from "../helpers/plain/resctrl/shapes.ts";
import { firstDisagreement, type Tried } from "../helpers/plain/resctrl/trial.ts";

/** The model beside itself, with an ear for what it says. */
class Listening implements Tried {
  readonly #model: PlainResctrl;
  now = 0;

  constructor(
    readonly shape: Shape,
    readonly heard: Set<string>,
  ) {
    this.#model = new PlainResctrl(shape);
  }

  async apply(asked: Asked, caller: Caller): Promise<Answered> {
    const answered = this.#model.apply(asked, caller, this.now);
    if (answered.errno !== undefined) this.heard.add(`${asked.op}: ${answered.errno}`);
    else if ("path" in asked && asked.path === "/info/last_cmd_status") this.heard.add(answered.reply ?? "");
    return answered;
  }

  async cpu(cpu: number, online: boolean): Promise<void> {
    this.#model.cpu(cpu, online, this.now);
  }

  async pass(ns: number): Promise<void> {
    this.now += ns;
    this.#model.pass(this.now);
  }

  registers(components: Iterable<string>): Map<string, number[][]> {
    const all = this.#model.registers();
    return new Map([...components].map((component) => [component, [all.get(component)!]]));
  }

  labels() {
    return this.#model.labels();
  }
}

/** resctrl-fs.md: what last_cmd_status says, wherever MPAM leads. */
const TEXTS = [
  ...[
    "schemata",
    "mode",
    "max_threshold_occupancy",
    "mbm_assign_mode",
    "mbm_assign_on_mkdir",
    "mbm_L3_assignments",
  ].map((file) => new RegExp(`^${file}: Invalid input\n$`)),
  ...[/^event_filter: Invalid input\n$/, /^event_filter is not configurable\n$/],
  ...[
    /^max_threshold_occupancy: Exceeds limit/,
    /^Missing ':'\n$/,
    /^Missing '.*' value\n$/,
    /^Missing '=' or non-numeric/,
  ],
  ...[/^Unknown or unsupported resource name/, /^Duplicate domain \d/, /^Non-hex character/, /^Mask out of range\n$/],
  ...[/^Invalid MB value/, /^MB value \d+ out of range/, /^Unknown or unsupported mode/, /^Schemata overlaps\n$/],
  ...[
    /^Cannot be exclusive without CAT/,
    /^Unsupported assign mode/,
    /^mbm_event mode is not supported/,
    /^Counter assignment mode/,
  ],
  ...[/^Invalid event/, /^Missing domain id/, /^Invalid domain id -?\d/, /^Assign operation/, /\(null\)' failed\n$/],
  ...[/^Failed to allocate counter.*\n$/, /^(Failed to allocate counter.*\n)+Assign operation '.*' failed\n$/],
  ...[
    /^Out of CLOSIDs\n$/,
    /^Out of RMIDs\n$/,
    /^Source and destination must be directories$/,
    /^Source must be a MON group/,
  ],
  ...[/^Destination must be a mon_groups/, /^Cannot move a MON group that monitors CPUs/],
  ...[
    /^Task list parsing error/,
    /^Invalid pid/,
    /^No task .*\nError while/,
    /^No permission to move task/,
    /^Can't move task/,
  ],
  ...[
    /^Bad CPU list/,
    /^Can only assign online/,
    /^Can't drop CPUs/,
    /^Can only add CPUs to mongroup/,
    /\[truncated\]\n$/,
  ],
];

const REFUSALS = [
  ...[
    "read: ENODEV",
    "write: ENODEV",
    "read: EBADF",
    "write: EBADF",
    "write: E2BIG",
    "write: EINVAL",
    "write: EOVERFLOW",
  ],
  ...[
    "write: ERANGE",
    "write: ESRCH",
    "write: EPERM",
    "write: ENOENT",
    "write: ENOSPC",
    "open: EACCES",
    "open: ENOENT",
  ],
  ...[
    "open: EISDIR",
    "mkdir: EACCES",
    "mkdir: EBUSY",
    "mkdir: EEXIST",
    "mkdir: EINVAL",
    "mkdir: ENODEV",
    "mkdir: ENOENT",
  ],
  ...[
    "mkdir: ENOSPC",
    "mkdir: EPERM",
    "rmdir: EACCES",
    "rmdir: EBUSY",
    "rmdir: ENOENT",
    "rmdir: ENOTDIR",
    "rmdir: EPERM",
  ],
  ...["rename: EEXIST", "rename: ENOENT", "rename: EPERM", "rename: EISDIR", "rename: ENOTEMPTY", "chmod: EPERM"],
  ...["rename: ENOSPC", "readdir: ENOTDIR", "readdir: EACCES", "chown: EPERM"],
];

test("every text of last_cmd_status and every errno is heard", async () => {
  const heard = new Set<string>();
  for (const name of ["small", "debug", "one PMG", "no counters", "MB alone", "owned by a user"]) {
    const shape = SMALL_SHAPES[name]!;
    for (let seed = 1; seed <= 90; seed++) {
      expect(await firstDisagreement(new Listening(shape, heard), randomActions(shape, seed, 150))).toBeUndefined();
    }
  }
  expect(TEXTS.filter((text) => ![...heard].some((one) => text.test(one))).map(String)).toEqual([]);
  expect(REFUSALS.filter((refusal) => !heard.has(refusal))).toEqual([]);
});
