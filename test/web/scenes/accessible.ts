// axe-core has nothing to say, in light and dark, on a desk and on a telephone.

import type { Stage } from "../stage.ts";

const WIDTHS = { desk: { width: 1440, height: 900 }, telephone: { width: 400, height: 860 } };

export const ACCESSIBLE = {
  name: "axe-core finds no violation in light and dark, wide and narrow",
  async act(stage: Stage) {
    const { page } = stage;
    await stage.open();
    const found: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [name, size] of Object.entries(WIDTHS)) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await page.waitForTimeout(500);
        await stage.shot(`${name}-${colorScheme}`, true);
        for (const one of await stage.violations()) found.push(`${name}, ${colorScheme}: ${one}`);
        const overflows = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflows > 0) found.push(`${name}, ${colorScheme}: ${overflows} pixels stand out at the right`);
      }
    }
    if (found.length > 0) throw new Error(found.join("\n  "));
    return [];
  },
};
