// Under which label the kernel works for a task: the policies that exist or have been proposed (more.md 5).

import { ErrnoError } from "../errno/index.ts";
import { checkLabel, type LabelLimits, sameLabel, type TaskLabel } from "./tag.ts";

/** Of a policy by group: who works for tasks of `user` does so as `kernel`. */
export interface LabelPair {
  readonly user: TaskLabel;
  readonly kernel: TaskLabel;
}

/** Which label the kernel's own requests (EL1, or EL2 with VHE) carry. */
export type KernelMode =
  /** The task's, as Linux does. */
  | { readonly policy: "inherit" }
  /** The default group's, as the Android module and older Arm trees do. */
  | { readonly policy: "default" }
  /** One label for all kernel work on `cpus` (default: all); on others the task's. */
  | { readonly policy: "global"; readonly label: TaskLabel; readonly cpus?: readonly number[] }
  /** Each label of tasks has one for kernel work; those that are not named have the default group's. */
  | { readonly policy: "per-group"; readonly pairs: readonly LabelPair[] };

export const KERNEL_POLICIES = ["inherit", "default", "global", "per-group"] as const;

/** Throws EINVAL. */
export function checkMode(mode: KernelMode, cpus: number, limits: LabelLimits): void {
  if (mode.policy === "global") {
    checkLabel(mode.label, limits);
    const wrong = mode.cpus?.find((cpu) => !(Number.isInteger(cpu) && cpu >= 0 && cpu < cpus));
    if (wrong !== undefined)
      throw new ErrnoError("EINVAL", `kernel mode: there is no cpu ${wrong}; there are 0..${cpus - 1}`);
  } else if (mode.policy === "per-group") {
    for (const [at, { user, kernel }] of mode.pairs.entries()) {
      for (const label of [user, kernel]) checkLabel(label, limits);
      if (mode.pairs.slice(0, at).some((one) => sameLabel(one.user, user))) {
        throw new ErrnoError(
          "EINVAL",
          `kernel mode: the label PARTID ${user.partidD}, PMG ${user.pmgD} has two for the kernel`,
        );
      }
    }
  } else if (!KERNEL_POLICIES.includes(mode.policy)) {
    const given = (mode as { readonly policy: unknown }).policy;
    throw new ErrnoError("EINVAL", `kernel mode '${given}': there are ${KERNEL_POLICIES.join(", ")}`);
  }
}

/** What requests carry that the kernel makes for a task whose own carry `user`. */
export function kernelLabelOf(mode: KernelMode, user: TaskLabel, cpu: number, defaultGroup: TaskLabel): TaskLabel {
  switch (mode.policy) {
    case "inherit":
      return user;
    case "default":
      return defaultGroup;
    case "global":
      return mode.cpus === undefined || mode.cpus.includes(cpu) ? mode.label : user;
    case "per-group":
      return mode.pairs.find((pair) => sameLabel(pair.user, user))?.kernel ?? defaultGroup;
  }
}
