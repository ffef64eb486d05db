/** npm run check:page [-- --shots FOLDER] [--scene NAME]: a visitor's way through the built page, in Chromium. */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { PageFiles, servePage } from "../../src/serve/index.ts";
import { findChromium } from "../browser/chromium.ts";
import { SCENES } from "./scenes/index.ts";
import { type Scene, Stage } from "./stage.ts";

const PAGE = fileURLToPath(new URL("../page/", import.meta.url));

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Options {
  readonly shots?: string | undefined;
  readonly scene?: string | undefined;
}

/** Whether the scene went as it should. */
async function play(scene: Scene, isolated: boolean, browser: Browser, { shots }: Options): Promise<boolean> {
  const files = await PageFiles.of(PAGE);
  const server = await servePage({ kind: "tcp", host: "127.0.0.1", port: 0 }, files, { isolated });
  const url = `http://${server.address.replace(/^tcp:/, "")}/`;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  const began = performance.now();
  const title = `${scene.name}${isolated ? ", with shared memory" : ""}`;
  try {
    const stage = new Stage(await context.newPage(), url, shots);
    const told = await scene.act(stage);
    if (stage.faults.length > 0) throw new Error(stage.faults.join("\n  "));
    console.log(
      `well  ${title}, ${((performance.now() - began) / 1000).toFixed(1)} s${told.map((line) => `\n  ${line}`).join("")}`,
    );
    return true;
  } catch (error) {
    console.log(`NOT well  ${title}\n  ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await context.close();
    await server.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { shots: { type: "string" }, scene: { type: "string" } } });
  const scenes = SCENES.filter(({ name }) => values.scene === undefined || name.includes(values.scene));
  if (scenes.length === 0)
    throw new Error(`no scene is called ${values.scene}: ${SCENES.map(({ name }) => name).join("; ")}`);
  const executablePath = await findChromium();
  if (executablePath === undefined) {
    console.log("page: not run, there is no chromium here (apt-get install chromium, or say where in CHROMIUM)");
    return 0;
  }
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  let failed = 0;
  try {
    for (const scene of scenes) {
      for (const isolated of scene.isolated ?? [false]) {
        if (!(await play(scene, isolated, browser, values))) failed++;
      }
    }
  } finally {
    await browser.close();
  }
  return failed > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`page: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
