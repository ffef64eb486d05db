// Traces and platforms of the user's: chosen, or dropped anywhere on the page.

import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../../errno/index.ts";
import { showSize } from "../../written/index.ts";
import { MOST_PLATFORM_BYTES, MOST_TRACE_BYTES } from "../limits.ts";
import type { PageState } from "../state.ts";

export function Drop({ page }: { readonly page: PageState }) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(false);
      void take(page, [...event.dataTransfer.files]);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [page]);
  return (
    <section class={`card drop${isOver ? " over" : ""}`} aria-labelledby="drop-title">
      <h2 id="drop-title">Your own</h2>
      <p>
        Drop a trace here: Lackey, drmemtrace, gem5, ChampSim, dinero, CSV and more, or one of ours (<code>.arrow</code>
        ). A <code>.yaml</code> file is taken as a platform. Nothing leaves this page.
      </p>
      <label class="button">
        Choose files
        <input
          type="file"
          id="own-files"
          class="hidden-input"
          multiple
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            event.currentTarget.value = "";
            void take(page, files);
          }}
        />
      </label>
      {page.own.value.size > 0 && (
        <ul class="own">
          {[...page.own.value].map(([name, about]) => (
            <li key={name}>
              <strong>{name.slice("own:".length)}</strong>: {about}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Takes files one after the other; a trace runs at once, in a group of its own name where there is room for one. */
async function take(page: PageState, files: readonly File[]): Promise<void> {
  for (const file of files) {
    try {
      await takeOne(page, file);
    } catch (error) {
      // A folder, or a file that has gone since.
      page.say(`${file.name} cannot be read: ${messageOf(error)}`, true);
    }
  }
}

async function takeOne(page: PageState, file: File): Promise<void> {
  const isPlatform = /\.ya?ml$/i.test(file.name);
  const most = isPlatform ? MOST_PLATFORM_BYTES : MOST_TRACE_BYTES;
  if (file.size > most) {
    const what = isPlatform ? "platform files" : "traces";
    page.say(`${file.name} has ${showSize(file.size)}; the page takes ${what} of up to ${showSize(most)}.`, true);
  } else if (isPlatform) await page.changePlatform({ name: file.name, text: await file.text() });
  else await takeTrace(page, file);
}

async function takeTrace(page: PageState, file: File): Promise<void> {
  const { engine } = page;
  page.say(`Reading ${file.name} …`);
  const reply = await engine.addTrace(file.name, new Uint8Array(await file.arrayBuffer()));
  if (!reply.ok) {
    // Importers name the file themselves.
    const why = reply.message.replace(/^E[A-Z0-9]+: /, "");
    page.say(why.startsWith(file.name) ? why : `${file.name}: ${why}`, true);
    return;
  }
  const workload = `own:${file.name}`;
  page.own.value = new Map([...page.own.value, [workload, reply.value]]);
  const group = groupFor(page, file.name);
  const isNew = !page.groups.value.some(({ path }) => path === group);
  if (isNew && !(await page.tell(`mkdir ${group}`, () => engine.mkdir(group)))) return;
  if (await page.tell(file.name, () => engine.addWorkload(group, workload))) {
    page.say(`${file.name} runs in group ${group}: ${reply.value}.`);
    await page.play();
  }
}

/** A name for a directory, from that of a file. */
function groupFor(page: PageState, file: string): string {
  const plain =
    file
      .replace(/\..*$/, "")
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .slice(0, 20) || "own";
  const taken = new Set(page.groups.value.map(({ path }) => path));
  let name = plain;
  for (let n = 2; taken.has(name) || ["info", "mon_groups", "mon_data"].includes(name); n++) name = `${plain}-${n}`;
  return name;
}
