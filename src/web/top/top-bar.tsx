// The head of the page: what runs, how fast, and what it runs on.

import { KeysHelp } from "../keys-help.tsx";
import { PLATFORMS } from "../platforms.ts";
import { ShareButton } from "../share-button.tsx";
import type { PageState } from "../state.ts";
import { Figures } from "./figures.tsx";
import { Transport } from "./transport.tsx";

export function TopBar({ page }: { readonly page: PageState }) {
  const { platform, timing } = page.setup.value;
  const chosen = "bundled" in platform ? platform.bundled : "";
  return (
    <header class="top">
      <div class="brand">
        <h1>MPAM, live</h1>
        <p>{page.booted.value?.platform.description ?? "Starting the machine …"}</p>
        <div class="brand-links">
          <ShareButton page={page} />
          <KeysHelp />
        </div>
      </div>
      <Figures page={page} />
      <Transport page={page} />
      <div class="choices">
        <label>
          Platform
          <select
            id="platform"
            value={chosen}
            onChange={(event) => void page.changePlatform({ bundled: event.currentTarget.value })}
          >
            {chosen === "" && <option value="">{"name" in platform ? platform.name : "own"}</option>}
            {Object.keys(PLATFORMS).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          Timing
          <select
            value={timing}
            title="Closed: programs wait for what they ask for, so limits of bandwidth act. Open: records come at their recorded times."
            onChange={(event) => void page.change({ timing: event.currentTarget.value as "open" | "closed" })}
          >
            <option value="closed">closed</option>
            <option value="open">open</option>
          </select>
        </label>
      </div>
    </header>
  );
}
