// The shell: a group is made and set there, the page shows it, and a refusal is explained.

import type { Page } from "playwright-core";
import type { Scene, Stage } from "../stage.ts";

export async function openPanel(page: Page, id: string): Promise<void> {
  await page.locator(`#${id} > summary`).click();
}

/** Types a line, and waits until the shell is ready again. Answers all that it shows. */
export async function typed(stage: Stage, line: string): Promise<string> {
  const { page } = stage;
  const field = page.locator("#shell-line");
  await field.fill(line);
  await field.press("Enter");
  await stage.until(`${line} has run`, async () => (await page.locator(".terminal-line button").count()) === 0);
  return page.locator(".terminal-output").innerText();
}

function expectIn(text: string, part: string): void {
  if (!text.includes(part))
    throw new Error(`the shell does not say ${JSON.stringify(part)}, but ${JSON.stringify(text)}`);
}

export const SHELL: Scene = {
  name: "a group is made in the shell and shown in the page, and a refusal is explained",
  async act(stage) {
    const { page } = stage;
    await stage.open();
    await openPanel(page, "shell");
    expectIn(await typed(stage, "mkdir web && echo 'L3:0=f0' > web/schemata && grep L3 web/schemata"), "L3:0=f0");
    await page.locator('.group[data-group="web"], .mask-row[data-group="web"]').first().waitFor();
    const refused = await typed(stage, 'echo "L3:0=0" > schemata; echo status $?');
    expectIn(refused, "-bash: echo: write error: Invalid argument");
    expectIn(refused, "info/last_cmd_status: Mask out of range");
    expectIn(refused, "status 1");
    expectIn(await typed(stage, "mkdir web"), "mkdir: cannot create directory ‘web’: File exists");
    expectIn(await typed(stage, "cat nothing"), "cat: nothing: No such file or directory");

    // Keys: the line before comes back, Tab completes, Ctrl-C ends what would go on for ever.
    const field = page.locator("#shell-line");
    await field.press("ArrowUp");
    if ((await field.inputValue()) !== "cat nothing") throw new Error("arrow up does not bring back the line before");
    await field.fill("cat info/L3/cb");
    await field.press("Tab");
    await stage.until("Tab has completed", async () => (await field.inputValue()) === "cat info/L3/cbm_mask ");
    await field.fill("watch -n 0.2 cat schemata");
    await field.press("Enter");
    await page.getByText("Every 0.2s: cat schemata").waitFor();
    await stage.shot("shell");
    await field.press("Control+c");
    await stage.until(
      "the shell is free again",
      async () => (await page.locator(".terminal-line button").count()) === 0,
    );
    await typed(stage, "rmdir web");
    await stage.until("the group has gone", async () => (await page.locator('[data-group="web"]').count()) === 0);
    return [];
  },
};
