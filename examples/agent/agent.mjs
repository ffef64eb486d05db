// A toy of an agent: while a group holds less of an L3 than it should, the largest of the others is confined to a quarter of it.
//
//   node agent.mjs GROUP KIB [DIRECTORY]     looks at /sys/fs/resctrl five times a second, until somebody ends it
//
// `look` knows no directory: it is given what reads and writes files, so that a test can give it a machine in memory.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

/**
 * Looks once at every L3. Answers what it did, a line for each.
 * @param files readFile(path), writeFile(path, text), readdir(path), below the root of resctrl
 * @param wanted which group is to hold how many bytes
 */
export async function look(files, wanted) {
  const others = (await groupsOf(files)).filter((name) => name !== wanted.group);
  const done = [];
  for (const domain of (await files.readdir("mon_data")).filter((name) => name.startsWith("mon_L3_"))) {
    const held = await occupancy(files, wanted.group, domain);
    if (held >= wanted.bytes) continue;
    const sizes = await Promise.all(others.map((group) => occupancy(files, group, domain)));
    const largest = Math.max(...sizes);
    if (!(largest > 0)) continue;
    const noisy = others[sizes.indexOf(largest)];
    const id = Number(domain.slice("mon_L3_".length));
    const mask = maskOf(await files.readFile(`${noisy}/schemata`), id);
    const quarter = "f".repeat(Math.ceil(mask.length / 4));
    if (mask === quarter) continue;
    await files.writeFile(`${noisy}/schemata`, `L3:${id}=${quarter}\n`);
    done.push(
      `L3 ${id}: ${wanted.group} holds ${held} bytes, ${noisy} ${largest}: its mask ${mask} becomes ${quarter}`,
    );
  }
  return done;
}

/** Control groups by name; the default group is none of them. */
async function groupsOf(files) {
  const names = (await files.readdir("")).filter((name) => !["info", "mon_data", "mon_groups"].includes(name));
  const isGroup = await Promise.all(
    names.map((name) =>
      files.readdir(name).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, i) => isGroup[i]);
}

/** A counter that has no number just now says so in a word, which is no reason to do anything: NaN compares with nothing. */
async function occupancy(files, group, domain) {
  return Number.parseInt(await files.readFile(`${group}/mon_data/${domain}/llc_occupancy`), 10);
}

/** The mask of an L3, in hexadecimal. */
function maskOf(schemata, id) {
  const domains = /^ *L3:(.*)$/m.exec(schemata)[1].split(";");
  return domains.find((one) => Number.parseInt(one, 10) === id).split("=")[1];
}

/** The same files below a directory. */
function below(root) {
  return {
    readFile: (path) => readFile(join(root, path), "utf8"),
    writeFile: (path, text) => writeFile(join(root, path), text),
    readdir: (path) => readdir(join(root, path)),
  };
}

if (import.meta.url === pathToFileURL(argv[1] ?? "").href) {
  const [group, kib, root = "/sys/fs/resctrl"] = argv.slice(2);
  for (const files = below(root); ; await sleep(200)) {
    for (const line of await look(files, { group, bytes: 1024 * Number(kib) })) console.log(line);
  }
}
