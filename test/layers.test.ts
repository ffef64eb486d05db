import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkLayers, importsOf, nodeModulesOf, ROWS } from "./layers.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const files = ["src", "assembly"].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => {
      const path = `${top}/${name.replaceAll("\\", "/")}`;
      return { path, text: readFileSync(join(root, path), "utf8") };
    }),
);

const faults = (path: string, text: string) => checkLayers([{ path, text }]);

describe("the house as it stands", () => {
  test("there are rooms to look at, and imports in them", () => {
    const rooms = new Set(files.map(({ path }) => path.split("/").slice(0, 2).join("/")));
    for (const room of ["src/platform", "src/machine", "src/driver", "assembly/regs"]) expect(rooms).toContain(room);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length);
  });

  test("imports point down, enter rooms by their doors, and only the machine reads the compiled hardware", () => {
    expect(checkLayers(files)).toEqual([]);
  });

  test("the picture in docs/how-it-works.md has these rooms, in this order", () => {
    const text = readFileSync(join(root, "docs/how-it-works.md"), "utf8");
    const picture = /## Rooms and directions\n+```\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
    const known = new Set(ROWS.flat());
    // Names stand in the left part, alone or a few blanks apart; what is said of them stands to the right.
    const rows = picture
      .split("\n")
      .map((line) => line.slice(0, 36).match(/[a-z]+/g) ?? [])
      .map((words) => words.filter((word) => known.has(word)))
      .filter((rooms) => rooms.length > 0);
    expect(rows.reverse().map((rooms) => rooms.sort())).toEqual(
      ROWS.filter(([first]) => !first?.endsWith(".ts")).map((rooms) => [...rooms].sort()),
    );
  });

  test("nothing that a page loads at once names a module of Node", () => {
    expect(nodeModulesOf("src/index.ts", files)).toEqual([]);
  });
});

test("a bundler for pages is told to leave out every module of Node that the rooms a page uses can load", () => {
  const { browser } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { browser: object };
  const pages = files.filter(({ path }) => !/^src\/(cli|host|fuse|serve|sweep|testing|web\/build)\//.test(path));
  const named = pages.flatMap(importsOf).flatMap(({ specifier }) => (specifier.startsWith("node:") ? [specifier] : []));
  const left = Object.keys(browser).filter((name) => name.startsWith("node:"));
  expect(left.sort()).toEqual([...new Set(named)].sort());
});

test("and the one file of platforms that only reads files", () => {
  const { browser } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { browser: object };
  const built = Object.keys(browser).filter((name) => name.startsWith("./"));
  expect(built).toEqual(["./dist/esm/read-file.js"]);
  expect(existsSync(join(root, built[0] ?? ""))).toBe(true);
});

describe("the check itself catches", () => {
  test.each([
    [
      "an import that points up",
      "src/driver/a.ts",
      `import { x } from "../fs/index.ts";`,
      /driver imports fs, which is above/,
    ],
    ["one that points up for its types only", "src/bus/a.ts", `import type { X } from "../driver/index.ts";`, /above/],
    ["one between hosts", "src/fuse/a.ts", `import { x } from "../serve/index.ts";`, /beside it/],
    ["one between neighbours", "src/platform/a.ts", `import { x } from "../machine/index.ts";`, /beside it/],
    [
      "one that does not use the door",
      "src/driver/a.ts",
      `import { x } from "../bus/mmio.ts";`,
      /the door is src\/bus\/index\.ts/,
    ],
    ["one that is exported again", "src/bus/index.ts", `export { x } from "../driver/index.ts";`, /above/],
    ["one made when a line runs", "src/bus/a.ts", `const d = await import("../driver/index.ts");`, /above/],
    ["one inside a type", "src/bus/a.ts", `let d: import("../driver/index.ts").Driver;`, /above/],
    ["one without a name", "src/bus/a.ts", `import "../cli/main.ts";`, /above/],
    ["the front door opened from inside", "src/cli/a.ts", `import { x } from "../index.ts";`, /above/],
    [
      "the hardware's own files",
      "src/driver/a.ts",
      `import { x } from "../../assembly/msc/page.ts";`,
      /only assembly\/regs is open/,
    ],
    [
      "a second reader of build/",
      "src/driver/a.ts",
      `import { x } from "../../build/mpam.js";`,
      /only src\/machine imports build/,
    ],
    [
      "a second reader of build/ by URL",
      "src/driver/a.ts",
      `fetch(new URL("../../build/mpam.wasm", import.meta.url));`,
      /only src\/machine imports build/,
    ],
    [
      "software under the hardware",
      "assembly/msc/a.ts",
      `import { x } from "../../src/errno/index.ts";`,
      /the hardware imports software/,
    ],
    ["a package under the hardware", "assembly/msc/a.ts", `import { x } from "yaml";`, /nothing outside itself/],
    [
      "register facts that know the hardware",
      "assembly/regs/a.ts",
      `import { x } from "../msc/page";`,
      /imports nothing of/,
    ],
    ["facts that read a room", "src/errno/a.ts", `import { x } from "../driver/index.ts";`, /above|reads nobody/],
    [
      "a room nobody drew",
      "src/helpers/a.ts",
      `import { x } from "../bus/index.ts";`,
      /helpers is no room of the picture/,
    ],
    [
      "a way out of the repository",
      "src/bus/a.ts",
      `import { x } from "../../../other/x.ts";`,
      /leaves the repository/,
    ],
    ["an import without .ts", "src/bus/a.ts", `import { x } from "./mmio";`, /does not end in \.ts/],
    [
      "a door with furniture",
      "src/bus/index.ts",
      `export { x } from "./a.ts";\nexport const y = 1;`,
      /only re-exports/,
    ],
    ["a door that runs something", "src/bus/index.ts", `import "./a.ts";`, /only re-exports/],
  ])("%s", (_, path, text, says) => {
    const found = faults(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
    expect(found[0]?.startsWith(path)).toBe(true);
  });

  test("a module of Node, however deep, unless it is loaded lazily or only for its types", () => {
    const read = { path: "src/platform/read.ts", text: `import { readFile } from "node:fs/promises";` };
    const load = (text: string) => ({ path: "src/platform/load.ts", text });
    const entry = { path: "src/index.ts", text: `export { x } from "./platform/load.ts";` };
    const named = (text: string) => nodeModulesOf("src/index.ts", [entry, load(text), read]);
    expect(named(`import { y } from "./read.ts";`)).toEqual(["src/platform/read.ts -> node:fs/promises"]);
    expect(named(`import { type Y } from "./read.ts";`)).toEqual(["src/platform/read.ts -> node:fs/promises"]);
    expect(named(`import type { Y } from "./read.ts";`)).toEqual([]);
    expect(named(`const y = () => import("./read.ts");`)).toEqual([]);
  });
});

describe("the check lets through", () => {
  test.each([
    ["a door below", "src/fs/a.ts", `import { x } from "../resctrl/index.ts";`],
    ["a door far below", "src/cli/a.ts", `import { x } from "../platform/index.ts";`],
    ["the machine's platform", "src/machine/a.ts", `import type { X } from "../platform/index.ts";`],
    ["the machine's build", "src/machine/a.ts", `import { x } from "../../build/mpam.js";`],
    ["facts, from anywhere", "src/driver/a.ts", `import { x } from "../../assembly/regs/offsets.ts";`],
    ["errors, from anywhere", "src/platform/a.ts", `import { x } from "../errno/index.ts";`],
    ["a file of the same room", "src/driver/a.ts", `import { x } from "./b.ts";`],
    ["packages", "src/platform/a.ts", `import * as v from "valibot";`],
    ["hardware in hardware", "assembly/msc/a.ts", `import { x } from "../control/cpor";`],
    [
      "words that look like an import",
      "src/driver/a.ts",
      `const s = 'import { x } from "../fs/index.ts"'; // import "../fs/a.ts"`,
    ],
  ])("%s", (_, path, text) => {
    expect(faults(path, text)).toEqual([]);
  });
});
