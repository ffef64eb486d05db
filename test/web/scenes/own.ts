// A recording of the visitor's is dropped on the page, and runs in a group of its own.

import type { Stage } from "../stage.ts";
import { drop } from "./hostile.ts";

/** Lackey's form: 4,096 lines of 64 bytes, one after the other. */
const RECORDING = Array.from({ length: 4096 }, (_, i) => ` L ${(0x10_0000 + 64 * i).toString(16)},8`).join("\n");

export const OWN = {
  name: "a dropped recording runs, and one that is none is refused in words",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    await page.selectOption("#speed", "0.005");
    await drop(stage, { "walk.lackey": RECORDING });
    await page.getByText("walk.lackey runs in group walk").waitFor();
    await stage.until("its lines are in the cache", async () => (await stage.figure("lines", "walk")) > 1000);
    await stage.shot("own-trace", true);
    await drop(stage, { "letter.txt": "Dear reader,\nthis is no trace.\n" });
    await page.getByText(/^letter\.txt: byte/).waitFor();
    return [`said of a letter: ${(await page.locator(".notice").innerText()).split("\n")[0]}`];
  },
};
