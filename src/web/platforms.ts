// The bundled platforms, each loaded when it is wanted.

const FILES = import.meta.glob<string>("../../platforms/*.yaml", { query: "?raw", import: "default" });

/** By file name without its ending; the text of each. */
export const PLATFORMS: Readonly<Record<string, () => Promise<string>>> = Object.fromEntries(
  Object.entries(FILES).map(([path, load]) => [path.replace(/^.*\/|\.yaml$/g, ""), load]),
);
