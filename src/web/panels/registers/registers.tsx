// The register view: of MSCs and of cpus.

import { useState } from "preact/hooks";
import type { Booted, Engine } from "../../engine/protocol.ts";
import { CpuRegisters } from "./cpu-registers.tsx";
import { MscRegisters } from "./msc-registers.tsx";
import "./registers.css";

interface Props {
  readonly engine: Engine;
  /** What has been booted last: with another one everything is looked at anew. */
  readonly booted: Booted;
}

const SIDES = { msc: "Of the MSCs", cpu: "Of the cpus" } as const;

export function Registers(props: Props) {
  const [side, setSide] = useState<keyof typeof SIDES>("msc");
  return (
    <div class="registers">
      <fieldset class="sides">
        <legend class="unseen">Which registers</legend>
        {(Object.keys(SIDES) as (keyof typeof SIDES)[]).map((one) => (
          <label key={one} class="side">
            <input type="radio" name="registers-of" checked={one === side} onChange={() => setSide(one)} /> {SIDES[one]}
          </label>
        ))}
      </fieldset>
      {side === "msc" ? <MscRegisters {...props} /> : <CpuRegisters {...props} />}
    </div>
  );
}
