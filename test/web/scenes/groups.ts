// Groups come and go, patterns run in them, and a removed group's workload is found in the default group.

import type { Stage } from "../stage.ts";

export const GROUPS = {
  name: "groups are made and removed, and patterns run in them",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    await page.selectOption("#speed", "0.005");
    const name = page.getByLabel("Name of a new group");
    await name.fill("web");
    await name.press("Enter");
    const card = page.locator('.group[data-group="web"]');
    await card.waitFor();
    await page.getByLabel("Start something in web").selectOption("pattern:zipf");
    await card.getByRole("slider", { name: "Working set" }).fill("9");
    await page.getByRole("button", { name: "Start zipf" }).click();
    await card.getByText("zipf over 512 KiB").waitFor();
    await stage.until("its lines are in the cache", async () => (await stage.figure("lines", "web")) > 100);
    await name.fill("web");
    await name.press("Enter");
    await page.getByText(/^mkdir web: .*web is there already/).waitFor();
    await page.getByRole("slider", { name: "Bandwidth of web, percent, domain 0" }).fill("40");
    await card.getByText("MB:0=40").waitFor();
    await stage.shot("groups", true);
    await page.getByRole("button", { name: "Remove group web" }).click();
    await page.locator('.group[data-group=""]').getByText("zipf over 512 KiB").waitFor();
    await page.getByRole("button", { name: "End zipf over 512 KiB" }).click();
    await page.getByText("zipf over 512 KiB").waitFor({ state: "detached" });
    return [];
  },
};
