// For bundle.mjs: imports go past the doors of rooms. A bundler takes a file for needed when a door that is needed names it,
// so that whatever a room has would be loaded together; and what is loaded lazily would not be.

import { readFileSync } from "node:fs";
import { dirname, posix, relative, sep } from "node:path";

/** `import { a, type B, c as d } from "../room/index.ts"` and the same with `export`. */
const FROM_DOOR = /^(import|export) (type )?\{([^}]*)\} from "([^"]+\/index\.ts)";/gm;

/** @returns {import("esbuild").Plugin} */
export function pastDoors() {
  const doors = new Map();
  const doorAt = (path) => {
    if (!doors.has(path)) doors.set(path, fileOfNames(path));
    return doors.get(path);
  };
  return {
    name: "past-doors",
    setup: ({ onLoad }) => {
      onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        return { loader: "ts", contents: text.replace(FROM_DOOR, (...found) => direct(dirname(path), doorAt, found)) };
      });
    },
  };
}

function direct(folder, doorAt, [line, verb, onlyTypes, names, specifier]) {
  const files = doorAt(posix.join(folder.split(sep).join("/"), specifier));
  // Rooms of facts have an index.ts of their own, which is no door.
  if (onlyTypes || files.size === 0) return line;
  const found = listed(names).map(({ name, as }) => ({ as, ...files.get(name) }));
  if (found.some(({ file }) => file === undefined)) return line;
  const lines = found.map(({ file, inner, as }) => {
    const to = relative(folder, file).split(sep).join("/");
    return `${verb} { ${inner} as ${as} } from "${to.startsWith(".") ? to : `./${to}`}";`;
  });
  // As many lines as before: messages name lines.
  return lines.join(" ") + line.replace(/[^\n]/g, "");
}

/** What each name that a door gives out is called where it comes from. */
function fileOfNames(door) {
  const found = new Map();
  for (const [, names, from] of readFileSync(door, "utf8").matchAll(/^export \{([^}]*)\} from "([^"]+)";/gm)) {
    for (const { name, as } of listed(names)) {
      found.set(as, { file: posix.join(dirname(door).split(sep).join("/"), from), inner: name });
    }
  }
  return found;
}

/** Names of a list in braces, without its types and remarks. */
function listed(names) {
  return names
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "" && !item.startsWith("type "))
    .map((item) => {
      const [name, as = name] = item.split(" as ");
      return { name, as };
    });
}
