// Where in a platform something stands, and how that is told.

export type Path = readonly (string | number)[];

/** `path` is where the trouble is in the file; `found` opens with that path where it helps. */
export type Report = (path: Path, found: string, allowed: string) => void;

/** "caches[0].msc.base" */
export function at(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
