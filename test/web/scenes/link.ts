// A link: what is set in one tab is found in another one, and a damaged link says so.

import type { Scene } from "../stage.ts";
import { Stage } from "../stage.ts";
import { openPanel, typed } from "./shell.ts";

export const LINK: Scene = {
  name: "a link opens the same setup in another tab",
  async act(stage) {
    const { page } = stage;
    await stage.open();
    await openPanel(page, "shell");
    await typed(stage, "mkdir web && echo 'L3:0=f0' > web/schemata && echo 'L3:0=3' > greedy/schemata");
    await page.locator("#share").click();
    await page.getByText(/^The link is /).waitFor();
    await stage.until("the link is in the address", async () => page.url().includes("#s=1z."));

    const other = new Stage(await page.context().newPage(), page.url(), undefined);
    await other.open();
    const text = other.page.getByLabel("Bitmap of greedy in hex");
    await other.until("greedy's bitmap", async () => (await text.inputValue()) === "3");
    const said = await typed(other, "cat web/schemata");
    if (!said.includes("L3:0=f0")) throw new Error(`the group web is not as it was: ${said}`);

    const damaged = new Stage(await page.context().newPage(), page.url().slice(0, -9), undefined);
    await damaged.open();
    await damaged.page.getByText("The link cannot be opened: it is damaged, or not all of it has come.").waitFor();
    await damaged.page.locator('.mask-row[data-group="greedy"]').waitFor();
    for (const { faults } of [other, damaged]) if (faults.length > 0) throw new Error(faults.join("\n  "));
    return [`the link has ${page.url().length} characters`];
  },
};
