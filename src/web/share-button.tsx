// "Copy link": the session as it is now, in the address of the page and in the clipboard.

import { share } from "./share.ts";
import type { PageState } from "./state.ts";

export function ShareButton({ page }: { readonly page: PageState }) {
  return (
    <button
      id="share"
      type="button"
      class="quiet"
      disabled={page.booted.value === undefined}
      title="A link to this setup: platform, groups, their schemata and workloads, open panels"
      onClick={() => void copyLink(page)}
    >
      Copy link
    </button>
  );
}

async function copyLink(page: PageState): Promise<void> {
  try {
    const setup = { ...(await page.engine.setup()), panels: page.panels.value };
    const { fragment, left } = await share(setup);
    history.replaceState(null, "", fragment);
    const stay = left.length > 0 ? ` It has no room for files: ${left.join(", ")} stay here.` : "";
    page.say(`${await put(location.href)}${stay}`);
  } catch (error) {
    page.say(`There is no link: ${error instanceof Error ? error.message : String(error)}.`, true);
  }
}

/** Pages that are not served securely have no clipboard. */
async function put(address: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(address);
    return "The link is copied. It is the address of this page now, too.";
  } catch {
    return "The link is the address of this page now: copy it from there.";
  }
}
