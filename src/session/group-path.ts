// Paths of groups: web, web/mon_groups/api, mon_groups/api, and "" for the default group.

/** As a person writes it, with slashes before or behind: "/" is the default group. */
export function groupPath(text: string): string {
  return text.replace(/^\/+|\/+$/g, "");
}

/** The control group, and the name of the monitor group below it where the path is that of one. */
export function partsOf(path: string): { readonly control: string; readonly monitor: string | undefined } {
  const [found, control = "", monitor] = /^(?:(.+)\/)?mon_groups\/([^/]+)$/.exec(path) ?? [];
  return { control: found === undefined ? path : control, monitor };
}

/** A monitor group takes only what its control group has. */
export function withParent(path: string): readonly string[] {
  const { control, monitor } = partsOf(path);
  return monitor === undefined ? [path] : [control, path];
}
