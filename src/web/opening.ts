// Which setup a visitor finds: that of the link, else the first one.

import { DEFAULT_SETUP, type Setup } from "./setup.ts";
import { open } from "./share.ts";
import type { PageState } from "./state.ts";

async function setupOf(page: PageState, fallback: Setup | undefined): Promise<Setup | undefined> {
  const opened = await open(location.hash);
  if (!opened) return fallback;
  if (opened.ok) return opened.setup;
  page.say(`${opened.why} What you see is the setup that everybody begins with.`, true);
  return DEFAULT_SETUP;
}

/** @param play Whether it moves at once. */
export async function openPage(page: PageState, play: boolean): Promise<void> {
  const setup = await setupOf(page, DEFAULT_SETUP);
  await page.boot(setup ?? DEFAULT_SETUP, play);
  // A link that is put into the address of an open page; other fragments are places on it.
  addEventListener("hashchange", async () => {
    const other = await setupOf(page, undefined);
    if (other) await page.boot(other);
  });
}
