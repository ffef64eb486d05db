// The page as a whole: where things are.

import type { ComponentType } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import { Charts } from "./charts/charts.tsx";
import type { Booted, Engine } from "./engine/protocol.ts";
import type { FrameLoop } from "./frame-loop.ts";
import { Drop } from "./groups/drop.tsx";
import { Groups } from "./groups/groups.tsx";
import { Guide } from "./guide/guide.tsx";
import { Picture } from "./picture/picture.tsx";
import type { PageState } from "./state.ts";
import { TopBar } from "./top/top-bar.tsx";

interface Panel {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly load: () => Promise<ComponentType<{ readonly engine: Engine; readonly booted: Booted }>>;
}

/** Below the rest; each is loaded when it is opened first. */
const PANELS: readonly Panel[] = [
  {
    id: "shell",
    title: "Shell",
    about: "/sys/fs/resctrl, as Linux has it",
    load: () => import("./panels/shell/shell.tsx").then(({ Shell }) => Shell),
  },
  {
    id: "registers",
    title: "Registers",
    about: "every word and field of the MSCs, to read and to write",
    load: () => import("./panels/registers/registers.tsx").then(({ Registers }) => Registers),
  },
];

export function App({ page, loop }: { readonly page: PageState; readonly loop: FrameLoop }) {
  return (
    <>
      <a class="skip" href="#main">
        To the picture
      </a>
      <TopBar page={page} />
      <main id="main">
        <Notices page={page} />
        <div class="stage">
          <Guide page={page} />
          <Picture page={page} loop={loop} />
          <Charts page={page} />
        </div>
        <Groups page={page} />
        {PANELS.map((panel) => (
          <PanelPlace key={panel.id} page={page} panel={panel} />
        ))}
        <Drop page={page} />
      </main>
      <footer data-platform={bootedName(page)}>
        {page.booted.value?.platform.notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </footer>
    </>
  );
}

/** Of the platform that runs: as its file is called. */
function bootedName({ booted, setup }: PageState): string {
  const { platform } = setup.value;
  return booted.value === undefined ? "" : "bundled" in platform ? platform.bundled : platform.name;
}

/** What was refused, or has happened: spoken once. */
function Notices({ page }: { readonly page: PageState }) {
  const { text, isError } = page.notice.value ?? { text: "", isError: false };
  const failure = page.latest.value?.failure ?? "";
  return (
    <>
      <div role="status" aria-live="polite" class={text === "" ? "unseen" : `notice${isError ? " error" : ""}`}>
        <span>{text}</span>
        {text !== "" && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              page.notice.value = undefined;
            }}
          >
            Dismiss
          </button>
        )}
      </div>
      {failure !== "" && <p class="notice error">The replay has ended: {failure}</p>}
    </>
  );
}

function PanelPlace({ page, panel }: { readonly page: PageState; readonly panel: Panel }) {
  const { id, title, about, load } = panel;
  const isOpen = page.panels.value.includes(id);
  const [Content] = useState(() => lazy(() => load().then((component) => ({ default: component }))));
  return (
    <details
      class="card panel"
      id={id}
      open={isOpen}
      onToggle={(event) => page.togglePanel(id, event.currentTarget.open)}
    >
      <summary>
        <h2>{title}</h2> <span>{about}</span>
      </summary>
      {isOpen && page.booted.value && (
        <Suspense fallback={<p>Loading …</p>}>
          <Content engine={page.engine} booted={page.booted.value} />
        </Suspense>
      )}
    </details>
  );
}
