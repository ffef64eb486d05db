// What reports need of the tree of groups: a Resctrl satisfies it.

import type { TaskLabel } from "../kernel/index.ts";

export interface GroupTree {
  readdir(path: string): Promise<string[]>;
  readFile(path: string): Promise<string>;
  stat(path: string): Promise<{ readonly kind: string }>;
  /** What requests of the group's threads carry; "" is the default group. */
  labelOf(group: string): TaskLabel;
}

/** A tree that also says what is configured. */
export interface ConfiguredTree extends GroupTree {
  /** What the schemata file of a control group says; reading it so changes nothing. */
  schemataOf(group: string): string | undefined;
}
