// The guided start: greedy's bitmap is dragged to two portions, and polite takes the rest of the cache.

import type { Stage } from "../stage.ts";

/** Lines of the L3 of private-l2, by group. */
const LINES = 16_384;

export const STORY = {
  name: "a bitmap dragged with the mouse changes who holds the cache",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    const held = (await stage.figure("lines", "polite")) + (await stage.figure("lines", "greedy"));
    if (held < 0.99 * LINES) throw new Error(`a visitor first sees a cache with ${held} of ${LINES} lines`);
    await page.selectOption("#speed", "0.005");
    const shared = await stage.figure("lines", "greedy");
    await stage.shot("story-1-shared");
    const box = await page.locator('.mask-row[data-group="greedy"] .cells').boundingBox();
    if (!box) throw new Error("greedy has no bitmap to drag");
    const at = (portion: number) => [box.x + ((portion + 0.5) * box.width) / 16, box.y + box.height / 2] as const;
    await page.mouse.move(...at(15));
    await page.mouse.down();
    await page.mouse.move(...at(2), { steps: 12 });
    await page.mouse.up();
    const text = page.getByLabel("Bitmap of greedy in hex");
    await stage.until("the schemata say 3", async () => (await text.inputValue()) === "3");
    // Two of sixteen ways, and what is left elsewhere until somebody takes it: polite has 11,684 lines to bring in.
    await stage.until(
      "greedy holds less than it did",
      async () => (await stage.figure("lines", "greedy")) < 0.7 * shared,
    );
    await stage.until("polite finds its lines", async () => (await stage.figure("hits", "polite")) > 0.9);
    await stage.shot("story-2-confined");
    const confined = await stage.figure("lines", "greedy");
    return [`greedy held ${shared} of ${LINES} lines, and holds ${confined} when confined`];
  },
};
