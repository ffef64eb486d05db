// How fast it is: told, and no condition.

import type { Stage } from "../stage.ts";

const LOOKS = 6;

export const SPEED = {
  name: "at full speed the page draws and the traces run",
  isolated: [false, true],
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    await page.selectOption("#speed", "max");
    const told: string[] = [];
    for (const timing of ["closed", "open"]) {
      await page.getByLabel("Timing").selectOption(timing);
      await stage.until("it runs again", async () => (await stage.figure("accesses")) > 0);
      await page.waitForTimeout(1000);
      const looks: { accesses: number; frames: number }[] = [];
      for (let i = 0; i < LOOKS; i++) {
        await page.waitForTimeout(500);
        looks.push({ accesses: await stage.figure("accesses"), frames: await stage.figure("frames") });
      }
      const mean = (of: (look: (typeof looks)[number]) => number) =>
        looks.reduce((sum, one) => sum + of(one), 0) / LOOKS;
      const threads = await page.locator('[data-figure="threads"]').innerText();
      told.push(
        `${timing} timing: ${(mean(({ accesses }) => accesses) / 1e6).toFixed(1)} M accesses/s, ${mean(({ frames }) => frames).toFixed(0)} frames/s, ${threads}`,
      );
    }
    await stage.shot("full-speed");
    return told;
  },
};
