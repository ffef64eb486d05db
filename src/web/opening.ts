// Which setup a visitor finds: that of a link, else the first one.

import { DEFAULT_SETUP } from "./setup.ts";
import { open } from "./share.ts";
import type { PageState } from "./state.ts";

/** @param play Whether it moves at once. */
export async function openPage(page: PageState, play: boolean): Promise<void> {
  if (!(await boot(page, play))) await page.boot(DEFAULT_SETUP, play);
  // A link that is put into the address of an open page; other fragments are places on it.
  addEventListener("hashchange", () => void boot(page));
}

/** Of the link in the address; false without one. Of one that cannot be opened it is said why, and the first setup is taken. */
async function boot(page: PageState, play?: boolean): Promise<boolean> {
  const opened = await open(location.hash);
  if (!opened) return false;
  await page.boot(opened.ok ? opened.setup : DEFAULT_SETUP, play);
  if (!opened.ok) page.say(`${opened.why} What you see is the setup that everybody begins with.`, true);
  return true;
}
