// The steps of the guide, by their buttons: what their text says is what the figures show.

import type { Stage } from "../stage.ts";

/** Lines of the L3 of private-l2, and what its channel lets through, bytes/s. */
const LINES = 16_384;
const CHANNEL = 1.6e9;

export const GUIDE = {
  name: "the guide says what is seen",
  async act(stage: Stage) {
    const { page } = stage;
    const press = (name: string) => page.locator(".guide").getByRole("button", { name, exact: true }).click();
    const share = async (group: string) => (await stage.figure("lines", group)) / LINES;
    await stage.open();
    await page.selectOption("#speed", "0.005");
    // "It takes half of the cache, and sweeps polite's lines out."
    await stage.until("the cache is full", async () => (await share("polite")) + (await share("greedy")) > 0.99);
    await stage.until("greedy has about half", async () => Math.abs((await share("greedy")) - 0.5) < 0.12);
    await press("Next");
    await press("L3:0=3 for greedy");
    // "Watch how its hits go up."
    await stage.until("polite hits", async () => (await stage.figure("hits", "polite")) > 0.9);
    await press("Give it all back");
    await stage.until("greedy has about half again", async () => (await share("greedy")) > 0.38);
    await press("Next");
    await press("MB:0=10 for greedy");
    // "Greedy waits, brings in fewer lines, and polite gets its part of the cache back."
    await stage.until("polite hits again", async () => (await stage.figure("hits", "polite")) > 0.85);
    await press("End polite");
    // "It goes far over its limit all the time."
    await stage.until("nothing of polite is left", async () => (await share("polite")) === 0);
    const bandwidth = await stage.figure("bandwidth", "greedy");
    if (bandwidth < 3 * 0.1 * CHANNEL) throw new Error(`greedy alone moves ${bandwidth} bytes/s under its soft limit`);
    await page.getByText("Why does a limit of 10 %").click();
    await stage.shot("guide-limit");
    await press("Start polite");
    await stage.until("polite is back", async () => (await share("polite")) > 0.1);
    await press("Next");
    await press("Open the shell");
    await stage.until("the shell is open", () =>
      page.locator("#shell").evaluate((one) => (one as HTMLDetailsElement).open),
    );
    await press("Next");
    await press("Begin again");
    await stage.until("it has begun again", async () => (await stage.figure("time")) < 5e6);
    const schemata = await page.getByLabel("Bitmap of greedy in hex").inputValue();
    if (schemata !== "ffff") throw new Error(`greedy begins with ${schemata}`);
    return [`greedy alone, limited to 10 %: ${(bandwidth / 1e6).toFixed(0)} MB/s`];
  },
};
