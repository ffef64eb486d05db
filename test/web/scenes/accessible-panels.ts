// axe-core has nothing to say of the panels and of the table of keys, and nothing in them stands out of the page.

import type { Scene } from "../stage.ts";
import { openPanel, typed } from "./shell.ts";

const WIDTHS = { desk: { width: 1440, height: 900 }, telephone: { width: 400, height: 860 } };

export const ACCESSIBLE_PANELS: Scene = {
  name: "axe-core finds no violation in shell, registers and keys",
  async act(stage) {
    const { page } = stage;
    await stage.open();
    await openPanel(page, "shell");
    await typed(stage, "cat schemata nothing; echo 'L3:0=0' > schemata; help");
    await openPanel(page, "registers");
    const panel = page.locator("#registers");
    await panel.locator(".register-list button").first().waitFor();
    const found: string[] = [];
    const look = async (what: string) => {
      for (const one of await stage.violations()) found.push(`${what}: ${one}`);
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflows > 0) found.push(`${what}: ${overflows} pixels stand out at the right`);
    };
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [name, size] of Object.entries(WIDTHS)) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await panel.getByLabel("Of the MSCs").check();
        await panel.locator(".register-list button", { hasText: "MSMON_CFG_CSU_CTL" }).click();
        await page.waitForTimeout(600);
        await look(`${name}, ${colorScheme}, registers of MSCs`);
        await stage.shot(`panels-${name}-${colorScheme}`, true);
        await panel.getByLabel("Of the cpus").check();
        await panel.getByRole("row", { name: /EL0, data/ }).waitFor();
        await look(`${name}, ${colorScheme}, registers of cpus`);
        await page.getByRole("heading", { level: 1 }).click();
        await page.keyboard.press("?");
        await page.getByRole("dialog").waitFor();
        await look(`${name}, ${colorScheme}, keys`);
        await stage.shot(`keys-${name}-${colorScheme}`);
        await page.keyboard.press("Escape");
      }
    }
    if (found.length > 0) throw new Error(found.join("\n  "));
    return [];
  },
};
