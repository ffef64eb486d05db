// What /proc says of one thread (proc_pid_stat(5), proc_pid_status(5)).

export interface ProcStat {
  readonly parent: number;
  /** Clock ticks since boot. */
  readonly began: string;
  /**
   * Where program, stack and arguments lie: chosen at random when a program starts, and the same in all copies that it makes of itself.
   * Undefined for threads of the kernel and where we may not know.
   */
  readonly program?: string;
}

/** Of /proc/PID/stat. The name of the program is in brackets, and may hold any. */
export function statIn(text: string | undefined): ProcStat | undefined {
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  // The first one is the third of the manual page.
  const field = (number: number) => fields?.[number - 3];
  const began = field(22);
  if (began === undefined) return undefined;
  const stack = field(28);
  const program = [field(26), stack, field(48), field(50)].join();
  return {
    parent: Number(field(4)),
    began,
    ...(stack === undefined || stack === "0" ? {} : { program }),
  };
}

/** Real and saved user id, of /proc/PID/status. */
export function ownerIn(status: string | undefined): { readonly uid: number; readonly suid: number } | undefined {
  const ids = /^Uid:\t(\d+)\t\d+\t(\d+)/m.exec(status ?? "");
  return ids ? { uid: Number(ids[1]), suid: Number(ids[2]) } : undefined;
}
