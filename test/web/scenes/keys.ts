// The same by keys alone; and a refusal, in the words of last_cmd_status.

import type { Stage } from "../stage.ts";

export const KEYS = {
  name: "a bitmap is set by keys, and an empty one is refused in words",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    const row = page.locator('.mask-row[data-group="greedy"]');
    const text = page.getByLabel("Bitmap of greedy in hex");
    await row.getByLabel("portion 0").focus();
    await page.keyboard.press("End");
    await page.keyboard.press(" ");
    await stage.until("portion 15 is gone", async () => (await text.inputValue()) === "7fff");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press(" ");
    await stage.until("portion 14 is gone", async () => (await text.inputValue()) === "3fff");
    await text.fill("0");
    await text.press("Enter");
    await page.getByText("Mask out of range").waitFor();
    await stage.until("the old bitmap stands", async () => (await text.inputValue()) === "3fff");
    await page.keyboard.press("Escape");
    await page.locator(".screen").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page
      .getByText(/^Set 4, way 1: /)
      .first()
      .waitFor();
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("k");
    await page.getByRole("button", { name: "Play" }).waitFor();
    await page.waitForTimeout(600);
    const time = await stage.figure("time");
    await page.waitForTimeout(600);
    if ((await stage.figure("time")) !== time) throw new Error("time goes on after k was pressed");
    return [];
  },
};
