// The package as pages use it: node .ci/pages.mjs PROJECT, a folder in which it is installed. Vite and esbuild bundle a page and a Web
// Worker, by the entry whose hardware is a file beside it and by ./inline; Chromium opens them. Without one, a line says so.

import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { delimiter, extname, join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { chromium } from "playwright-core";
import * as vite from "vite";

const project = resolve(process.argv[2] ?? ".");
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** What a page does with a machine, and what it has to answer. */
const SESSION = (entry) => `
import { Driver, Machine, Resctrl, loadPlatform, openTrace } from "${entry}";

export async function session() {
  const msc = { base: "0x1_4100_0000", cpor: { cpbmWd: 8 }, csu: { monitors: 4 } };
  const platform = await loadPlatform({
    name: "page",
    cpus: 2,
    processor: { partidMax: 3, pmgMax: 1 },
    caches: [{ level: 3, bytes: "64 KiB", ways: 16, msc }],
    memory: [{ bytes: "1 GiB", bytesPerSecond: "1 GB/s" }],
  });
  const machine = await Machine.create(platform);
  const resctrl = await Resctrl.mount(await Driver.probe(machine));
  await resctrl.mkdir("web");
  const trace = await openTrace("synth:stream,ws=16K,n=1000");
  for (const { tid } of machine.addTasks(trace)) await resctrl.writeFile("web/tasks", String(tid));
  await machine.replay([trace]);
  const held = (await resctrl.readFile("web/mon_data/mon_L3_00/llc_occupancy")).trim();
  const refused = await loadPlatform("server.yaml").catch((error) => error.message);
  return held + " bytes; " + refused;
}
`;
const EXPECTED =
  "16384 bytes; server.yaml: is a file, and a page has none; an object is needed, or parsePlatform with the text";

const PAGE = `
import { session } from "./session.js";
session().then((answer) => { document.title = answer; }, (error) => { document.title = String(error); });
`;
const STARTER = `
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => { document.title = data; };
worker.onerror = ({ message }) => { document.title = message; };
`;
const WORKER = `
import { session } from "./session.js";
session().then(postMessage, (error) => postMessage(String(error)));
`;
const HTML = (script) => `<!doctype html><title></title><script type="module" src="${script}"></script>`;

async function sources(folder, entry, inWorker) {
  await mkdir(folder, { recursive: true });
  const write = (name, text) => writeFile(join(folder, name), text);
  await write("session.js", SESSION(entry));
  await write("main.js", inWorker ? STARTER : PAGE);
  await write("worker.js", WORKER);
  await write("index.html", HTML("./main.js"));
}

async function withVite(folder, entry, inWorker) {
  await sources(folder, entry, inWorker);
  const build = { outDir: "out", target: "es2022", assetsInlineLimit: 0 };
  await vite.build({ root: folder, base: "./", configFile: false, logLevel: "error", build, worker: { format: "es" } });
  return join(folder, "out");
}

async function withEsbuild(folder, entry, inWorker) {
  await sources(folder, entry, inWorker);
  const out = join(folder, "out/app");
  await esbuild.build({
    absWorkingDir: folder,
    entryPoints: inWorker ? ["main.js", "worker.js"] : ["main.js"],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: join(out, "js"),
    logLevel: "error",
  });
  await writeFile(join(out, "index.html"), HTML("./js/main.js"));
  // esbuild leaves a URL as it is: the file has to lie where it points, two folders up.
  await mkdir(join(folder, "out/build"), { recursive: true });
  const wasm = join(project, "node_modules/mpam-emulator/build");
  for (const name of ["mpam.wasm", "mpam.shared.wasm"])
    await copyFile(join(wasm, name), join(folder, "out/build", name));
  return join(folder, "out");
}

function serve(root) {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = join(root, new URL(url, "http://page").pathname);
    const file = existsSync(path) && extname(path) !== "" ? path : join(path, "index.html");
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

async function answerOf(browser, root, path) {
  const server = await serve(root);
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
    await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 });
    const title = await page.title();
    await page.close();
    return title;
  } finally {
    server.close();
  }
}

const folders = (process.env.PATH ?? "").split(delimiter);
const executablePath =
  process.env.CHROMIUM ?? folders.flatMap((at) => NAMES.map((name) => join(at, name))).find((path) => existsSync(path));
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const browser = executablePath
  ? await chromium.launch({ executablePath, args: [...args, "--disable-component-update", "--disable-sync"] })
  : undefined;
if (!browser) console.log("pages: bundled; NOT RUN: no Chromium is here");
try {
  for (const [bundler, bundle] of [
    ["Vite", withVite],
    ["esbuild", withEsbuild],
  ]) {
    for (const entry of ["mpam-emulator", "mpam-emulator/inline"]) {
      for (const inWorker of [false, true]) {
        const name = `${bundler}, ${entry}, ${inWorker ? "a Web Worker" : "a page"}`;
        const folder = join(project, "pages", name.replace(/[^a-z]+/gi, "-"));
        const root = await bundle(folder, entry, inWorker);
        if (!browser) continue;
        const answer = await answerOf(browser, root, bundler === "Vite" ? "/" : "/app/");
        if (answer !== EXPECTED) throw new Error(`pages: ${name}: ${JSON.stringify(answer)} in place of ${EXPECTED}`);
        console.log(`pages: ${name}: as in Node`);
      }
    }
  }
} finally {
  await browser?.close();
}
