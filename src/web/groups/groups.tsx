// The groups: what each may use, what runs in it, and how many lines it has of the cache in the picture.

import { useRef } from "preact/hooks";
import type { GroupView, SchemataLine } from "../engine/protocol.ts";
import { isDark } from "../media.ts";
import { colourIn, paletteFor } from "../palette.ts";
import { nameOf, type PageState } from "../state.ts";
import { AddWorkload } from "./add-workload.tsx";
import { titleOf } from "./known-workloads.ts";

export function Groups({ page }: { readonly page: PageState }) {
  return (
    <section class="card groups" aria-labelledby="groups-title">
      <header class="card-head">
        <h2 id="groups-title">Groups and what runs in them</h2>
        <AddGroup page={page} />
      </header>
      <ul class="group-list">
        {page.groups.value.map((group) => (
          <Group key={group.path} page={page} group={group} />
        ))}
      </ul>
    </section>
  );
}

function Group({ page, group }: { readonly page: PageState; readonly group: GroupView }) {
  const name = nameOf(group.path);
  const removable = group.path !== "";
  const limits = group.schemata.filter(({ kind }) => kind === "number");
  return (
    <li class="group" style={{ "--group": colourIn(paletteFor(isDark.value), group.colour) }} data-group={group.path}>
      <div class="group-head">
        <h3>
          <i class="swatch" />
          {name}
        </h3>
        {removable && (
          <button
            type="button"
            class="quiet"
            aria-label={`Remove group ${name}`}
            onClick={() => void page.tell(`rmdir ${group.path}`, () => page.engine.rmdir(group.path))}
          >
            Remove
          </button>
        )}
      </div>
      <p class="label-told">
        PARTID {group.partid}, PMG {group.pmg}; {group.tasks} {group.tasks === 1 ? "thread" : "threads"}
      </p>
      {limits.flatMap((line) =>
        line.domains.map((domain) => (
          <Limit key={`${line.resource}${domain.id}`} page={page} group={group} line={line} {...domain} />
        )),
      )}
      <ul class="workloads" aria-label={`What runs in ${name}`}>
        {group.workloads.map((workload) => (
          <li key={workload} class="chip">
            {titleOf(workload)}
            <button
              type="button"
              aria-label={`End ${titleOf(workload)}`}
              onClick={() => void page.tell(workload, () => page.engine.removeWorkload(workload))}
            >
              ×
            </button>
          </li>
        ))}
        {group.workloads.length === 0 && <li class="hint">nothing runs here</li>}
      </ul>
      {!group.path.includes("/") && <AddWorkload page={page} group={group} />}
    </li>
  );
}

interface LimitProps {
  readonly page: PageState;
  readonly group: GroupView;
  readonly line: SchemataLine;
  readonly id: number;
  readonly value: string;
}

function Limit({ page, group, line, id, value }: LimitProps) {
  const label = line.resource.startsWith("MB") ? "Bandwidth" : line.resource;
  return (
    <label class="limit">
      <span>{label}</span>
      <input
        type="range"
        min={line.min}
        max={line.max}
        step={1}
        value={value}
        aria-label={`${label} of ${nameOf(group.path)}, percent, domain ${id}`}
        onChange={(event) => void page.writeSchemata(group, line, id, event.currentTarget.value)}
      />
      <code>
        {line.resource}:{id}={value}
      </code>
    </label>
  );
}

function AddGroup({ page }: { readonly page: PageState }) {
  const name = useRef<HTMLInputElement>(null);
  return (
    <form
      class="tools"
      onSubmit={(event) => {
        event.preventDefault();
        const text = name.current?.value.trim() ?? "";
        if (text === "") return;
        void page
          .tell(`mkdir ${text}`, () => page.engine.mkdir(text))
          .then((made) => {
            if (made && name.current) name.current.value = "";
          });
      }}
    >
      <input
        ref={name}
        placeholder="name"
        aria-label="Name of a new group"
        autocomplete="off"
        spellcheck={false}
        size={10}
      />
      <button type="submit">Add group</button>
    </form>
  );
}
