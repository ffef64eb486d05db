// Starting something in a group: a recording, an own trace, or a pattern with a working set.

import { useState } from "preact/hooks";
import type { GroupView } from "../engine/protocol.ts";
import { nameOf, type PageState } from "../state.ts";
import { showBytes } from "../units.ts";
import { PATTERNS, RECORDED, titleOf } from "./known-workloads.ts";

/** 16 KiB to 64 MiB, as powers of two in KiB. */
const SMALLEST = 4;
const LARGEST = 16;

interface Props {
  readonly page: PageState;
  readonly group: GroupView;
}

export function AddWorkload({ page, group }: Props) {
  const [pattern, setPattern] = useState("");
  const running = new Set(page.groups.value.flatMap(({ workloads }) => workloads));
  const start = (workload: string) => page.tell(titleOf(workload), () => page.engine.addWorkload(group.path, workload));
  return (
    <div class="add-workload">
      <select
        value=""
        aria-label={`Start something in ${nameOf(group.path)}`}
        onChange={(event) => {
          const { value } = event.currentTarget;
          event.currentTarget.value = "";
          if (value.startsWith("pattern:")) setPattern(value.slice("pattern:".length));
          else if (value !== "") void start(value);
        }}
      >
        <option value="">Start …</option>
        <optgroup label="Recordings">
          {RECORDED.filter(({ name }) => !running.has(name)).map(({ name, about }) => (
            <option key={name} value={name}>
              {name}: {about}
            </option>
          ))}
        </optgroup>
        {page.own.value.size > 0 && (
          <optgroup label="Your traces">
            {[...page.own.value]
              .filter(([name]) => !running.has(name))
              .map(([name, about]) => (
                <option key={name} value={name}>
                  {titleOf(name)}: {about}
                </option>
              ))}
          </optgroup>
        )}
        <optgroup label="Patterns">
          {PATTERNS.map(({ name, title }) => (
            <option key={name} value={`pattern:${name}`}>
              {title}
            </option>
          ))}
        </optgroup>
      </select>
      {pattern !== "" && (
        <PatternForm
          pattern={pattern}
          cancel={() => setPattern("")}
          start={(workload) => {
            setPattern("");
            void start(distinct(workload, running));
          }}
        />
      )}
    </div>
  );
}

/** The same pattern twice draws two different sequences. */
function distinct(workload: string, running: ReadonlySet<string>): string {
  let name = workload;
  for (let seed = 1; running.has(name); seed++) name = `${workload},seed=${seed}`;
  return name;
}

interface FormProps {
  readonly pattern: string;
  cancel(): void;
  start(workload: string): void;
}

function PatternForm({ pattern, cancel, start }: FormProps) {
  const [size, setSize] = useState(11);
  const [writes, setWrites] = useState(30);
  const [gap, setGap] = useState(4);
  const kib = 2 ** size;
  return (
    <form
      class="pattern"
      onSubmit={(event) => {
        event.preventDefault();
        const ws = kib >= 1024 ? `${kib / 1024}M` : `${kib}k`;
        start(`synth:${pattern},ws=${ws},write=${writes}%,gap=${gap}`);
      }}
    >
      <Slider
        label="Working set"
        min={SMALLEST}
        max={LARGEST}
        value={size}
        set={setSize}
        shown={showBytes(kib * 1024)}
      />
      <Slider label="Writes" min={0} max={100} value={writes} set={setWrites} shown={`${writes} %`} />
      <Slider label="One access every" min={1} max={64} value={gap} set={setGap} shown={`${gap} ns`} />
      <div class="row">
        <button type="submit" class="primary">
          Start {pattern}
        </button>
        <button type="button" class="quiet" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface SliderProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  readonly shown: string;
  set(value: number): void;
}

function Slider({ label, min, max, value, set, shown }: SliderProps) {
  return (
    <label class="limit">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        value={value}
        aria-valuetext={shown}
        onInput={(event) => set(Number(event.currentTarget.value))}
      />
      <output>{shown}</output>
    </label>
  );
}
