// What the makers of packages want passed on with them.

import { readdir, readFile } from "node:fs/promises";

/** The licenses and notices of the packages that the given files belong to. */
export async function licenses(files) {
  const parts = [];
  for (const [folder, own] of packagesOf(files)) {
    const { name, version, license, author } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
    const found = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copyright)/i.test(file)).sort();
    const texts = await Promise.all(found.map((file) => readFile(`${folder}/${file}`, "utf8")));
    if (texts.length === 0) {
      const notices = await noticesIn(own);
      if (!license || notices.length === 0) throw new Error(`${name} has no license to pass on`);
      texts.push(`${license}, ${author}`, ...notices);
    }
    parts.push(`${name} ${version}`, ...texts.map((text) => text.trim()));
  }
  return `Parts of these packages are in the files beside this one.\n\n${parts.join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}

/** Folders of packages in their order, each with the files that are taken of it. */
function packagesOf(files) {
  const folders = new Map();
  for (const file of files) {
    const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0];
    if (folder !== undefined) folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Comments at the head of files, where the package has no file for that. */
async function noticesIn(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap((text) => /^\s*\/\*!([\s\S]*?)\*\//.exec(text)?.[1] ?? []);
}
