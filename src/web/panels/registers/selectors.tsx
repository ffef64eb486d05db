// Which MSC, which address space, and whose settings: the selection that the registers below stand under.

import type { GroupView, MscView } from "../../engine/protocol.ts";
import { type Choice, type Known, monitorsOf, narrows, partidMax } from "./choice.ts";

interface Props {
  readonly mscs: readonly MscView[];
  readonly known: Known | undefined;
  readonly choice: Choice;
  readonly groups: readonly GroupView[];
  readonly choose: (changes: Partial<Choice>) => void;
  readonly chooseMsc: (msc: number) => void;
}

const SPACES = { ns: "Non-secure", s: "Secure", rt: "Root", rl: "Realm" } as const;

export function Selectors({ mscs, known, choice, groups, choose, chooseMsc }: Props) {
  const of = known?.identities.get(choice.ris);
  const { csu, mbwu } = monitorsOf(of);
  const monitors = Math.max(csu, mbwu);
  const most = known ? partidMax(known, choice) : 0;
  const msc = mscs.find((one) => one.msc === choice.msc);
  return (
    <div class="selectors">
      <label>
        MSC
        <select value={choice.msc} onChange={(event) => chooseMsc(Number(event.currentTarget.value))}>
          {mscs.map(({ msc: number, name }) => (
            <option key={number} value={number}>
              {`${number}: ${name}`}
            </option>
          ))}
        </select>
      </label>
      {msc && msc.spaces.length > 1 && (
        <label>
          Address space
          <select
            value={choice.space}
            onChange={(event) => choose({ space: event.currentTarget.value as Choice["space"] })}
          >
            {msc.spaces.map(({ space }) => (
              <option key={space} value={space}>
                {SPACES[space]}
              </option>
            ))}
          </select>
        </label>
      )}
      {known && known.identities.size > 1 && (
        <label>
          RIS
          <select value={choice.ris} onChange={(event) => choose({ ris: Number(event.currentTarget.value) })}>
            {[...known.identities.keys()].map((ris) => (
              <option key={ris}>{ris}</option>
            ))}
          </select>
        </label>
      )}
      <NumberChoice
        label={choice.internal ? "Internal PARTID" : "PARTID"}
        value={choice.partid}
        max={most}
        choose={(partid) => choose({ partid })}
      />
      {narrows(of) && (
        <label class="tick">
          <input
            type="checkbox"
            checked={choice.internal}
            onChange={(event) => choose({ internal: event.currentTarget.checked })}
          />
          INTERNAL
        </label>
      )}
      {monitors > 0 && (
        <NumberChoice
          label="Monitor"
          value={choice.monitor}
          max={monitors - 1}
          choose={(monitor) => choose({ monitor })}
        />
      )}
      <GroupButtons groups={groups} choice={choice} choose={choose} />
    </div>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly choose: (value: number) => void;
}

function NumberChoice({ label, value, max, choose }: NumberProps) {
  return (
    <label>
      {`${label}, 0 to ${max}`}
      <input
        type="number"
        min={0}
        max={max}
        value={value}
        onChange={(event) => {
          const number = Math.trunc(event.currentTarget.valueAsNumber);
          if (number >= 0 && number <= max) choose(number);
          else event.currentTarget.value = String(value);
        }}
      />
    </label>
  );
}

/** PARTIDs by the groups whose they are. */
function GroupButtons({ groups, choice, choose }: Pick<Props, "groups" | "choice" | "choose">) {
  const own = groups.filter(({ path }) => !path.includes("mon_groups/"));
  if (own.length === 0 || choice.internal) return null;
  return (
    <fieldset class="partid-groups">
      <legend>PARTID of the group</legend>
      <div class="row">
        {own.map(({ path, partid }) => (
          <button key={path} type="button" aria-pressed={partid === choice.partid} onClick={() => choose({ partid })}>
            {path || "default"} <span class="hint">{partid}</span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}
