// Every bundled platform can be chosen, and shows a picture.

import type { Stage } from "../stage.ts";

export const PLATFORMS = {
  name: "every platform boots and shows a cache",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    const names = await page.locator("#platform option").allInnerTexts();
    if (names.length < 10) throw new Error(`only ${names.length} platforms are there`);
    for (const name of names.filter((name) => name !== "private-l2")) {
      await page.selectOption("#platform", name);
      await stage.until(`${name} runs`, async () => (await stage.figure("time")) > 0 && (await booted(stage)) === name);
      if (name === "server" || name === "minimal") await stage.shot(`platform-${name}`);
    }
    return [`${names.length} of them`];
  },
};

function booted({ page }: Stage): Promise<string | null> {
  return page.locator("footer").getAttribute("data-platform");
}
