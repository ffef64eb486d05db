// Registers of MSCs: a list under a selection, and the one that is open.

import { useEffect, useRef, useState } from "preact/hooks";
import { errorCodeName } from "../../../machine/index.ts";
import { meaningOf, shareOf, wordFor } from "../../../meaning/index.ts";
import type { Booted, Engine, GroupView, MscView } from "../../engine/protocol.ts";
import { type Choice, choiceFor, hiddenBecause, type Known, selectionWords, withinReach } from "./choice.ts";
import { fieldsHere } from "./fields.ts";
import { showHex } from "./numbers.ts";
import { know, type Readings, readAll, rowsFor, write } from "./readings.ts";
import { RegisterCard } from "./register-card.tsx";
import { type Item, RegisterList } from "./register-list.tsx";
import { filtered, GROUPS, type Row } from "./rows.ts";
import { Selectors } from "./selectors.tsx";
import { usePolled } from "./use-polled.ts";

const FIRST = "MPAMCFG_CPBM0";

interface Props {
  readonly engine: Engine;
  readonly booted: Booted;
}

export function MscRegisters({ engine, booted }: Props) {
  const [mscs, setMscs] = useState<readonly MscView[]>([]);
  const [choice, setChoice] = useState<Choice>();
  const [known, setKnown] = useState<Known>();
  const [readings, setReadings] = useState<Readings>(new Map());
  const [groups, setGroups] = useState<readonly GroupView[]>([]);
  const [filter, setFilter] = useState("");
  const [opened, setOpened] = useState(FIRST);
  const [said, setSaid] = useState("");
  /** Of the readings: values of another selection have not changed, they are others. */
  const readUnder = useRef<Choice | undefined>(undefined);

  useEffect(() => {
    void engine.mscs().then((all) => {
      setMscs(all);
      const first = lastLevel(all) ?? all[0];
      setChoice(first && choiceFor(first));
      setSaid("");
    });
  }, [engine, booted]);

  const msc = mscs.find((one) => one.msc === choice?.msc);
  const space = choice?.space;
  useEffect(() => {
    setKnown(undefined);
    if (!msc || !space) return;
    let isLate = false;
    know(engine, msc, space).then(
      (found) => {
        if (isLate) return;
        setKnown(found);
        setChoice((now) => now && withinReach(now, found));
      },
      (error: unknown) => setSaid(String(error)),
    );
    return () => {
      isLate = true;
    };
  }, [engine, msc, space]);

  const rows = choice && known ? rowsFor(known, choice.ris) : [];
  const look = usePolled(async () => {
    if (!choice || !known || known.msc.msc !== choice.msc || known.space !== choice.space) return;
    const before = readUnder.current === choice ? readings : undefined;
    setGroups(await engine.groups());
    try {
      setReadings(await readAll(engine, rows, choice, known, before));
      readUnder.current = choice;
    } catch (error) {
      setSaid(String(error));
    }
  }, [engine, choice, known]);

  if (!choice || !msc) return <p>This platform has no MSC.</p>;
  const of = known?.identities.get(choice.ris);
  const shown = filtered(rows, filter);
  const row =
    rows.find(({ name }) => name === opened) ??
    rows.find(({ meaning }) => meaning.group === "configuration") ??
    rows[0];
  const items = shown.map(
    ({ name, register, meaning }): Item => ({
      name,
      group: meaning.group,
      width: register.width,
      value: readings.get(name)?.value,
      changed: readings.get(name)?.changed ?? false,
    }),
  );

  const change = async (to: Row, value: bigint) => {
    if (!known) return;
    const old = readings.get(to.name)?.value ?? 0n;
    for (const [n] of to.offsets.entries()) {
      const wordAt = (from: bigint) => Number((from >> BigInt(32 * n)) & 0xffff_ffffn);
      // Of a register of two words only what changes is written.
      if (to.offsets.length > 1 && wordAt(value) === wordAt(old)) continue;
      const refused = await write(engine, to, n, wordAt(value), choice, known);
      if (refused !== undefined) {
        setSaid(`${to.name}: ${refused}`);
        return;
      }
    }
    const now = await readAll(engine, rows, choice, known, readings);
    setReadings(now);
    readUnder.current = choice;
    setSaid(outcome(to, value, now));
  };

  return (
    <>
      <Selectors
        mscs={mscs}
        known={known}
        choice={choice}
        groups={groups}
        choose={(changes) =>
          setChoice(known ? withinReach({ ...choice, ...changes }, known) : { ...choice, ...changes })
        }
        chooseMsc={(number) => {
          const other = mscs.find((one) => one.msc === number);
          if (other) setChoice({ ...choiceFor(other), partid: choice.partid });
        }}
      />
      <div class="filter-row">
        <label class="filter">
          <span>Find a register, a field or a word</span>
          <input type="search" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </label>
        <p role="status" class="register-said">
          {said}
        </p>
      </div>
      <details class="how-read">
        <summary>How this view reads</summary>
        <p>
          Most registers show what a selector names, and the driver of the machine uses the selectors too. So they are
          set, read under, and put back in one go, with nobody in between. A read changes nothing; under a selection out
          of range it would record an error, and this view selects none. To see one, write a large number into
          MPAMCFG_PART_SEL itself: a part that checks it refuses it, and MPAMF_ESR says why.
        </p>
      </details>
      <div class="register-columns">
        <RegisterList label="Registers" groups={GROUPS} items={items} opened={row?.name ?? ""} open={setOpened} />
        {row && (
          <RegisterCard
            key={`${row.name} ${choice.msc} ${choice.space}`}
            name={row.name}
            place={`Offset ${showHex(row.offsets[0] ?? 0, 16)}`}
            access={row.meaning.access}
            meaning={row.meaning}
            fields={fieldsHere(row, of)}
            width={row.register.width}
            value={readings.get(row.name)?.value}
            hidden={hiddenBecause(row.register.name, choice, of)}
            note={(field, value) => showShare(of && shareOf(row.register.name, field, Number(value), of))}
            write={(value) => void change(row, value).then(look)}
          >
            <p>
              {selectionWords(row.meaning, choice)}
              {whose(row, choice, groups)}.
            </p>
            {row.meaning.written !== undefined && <p class="hint">A write: {row.meaning.written}.</p>}
            {row.meaning.group === "configuration" && row.meaning.selection === "ris and partid" && (
              <p class="hint">
                What is written here acts at once. resctrl does not look at registers: its schemata go on showing what
                it has written itself, and it writes the register again only for another value than that.
              </p>
            )}
          </RegisterCard>
        )}
      </div>
    </>
  );
}

function showShare(share: number | undefined): string | undefined {
  return share === undefined ? undefined : `${Number((100 * share).toPrecision(4))} %`;
}

/** What the picture shows too, as a rule: a cache of the last level. */
function lastLevel(mscs: readonly MscView[]): MscView | undefined {
  const levelOf = ({ kind, name }: MscView) => (kind === "cache" ? Number(/\d/.exec(name)?.[0] ?? 0) : -1);
  return [...mscs].sort((a, b) => levelOf(b) - levelOf(a) || a.msc - b.msc)[0];
}

function whose({ meaning }: Row, { partid, internal }: Choice, groups: readonly GroupView[]): string {
  if (!meaning.selection.includes("partid") || internal) return "";
  const names = groups.filter((group) => group.partid === partid && !group.path.includes("mon_groups/"));
  return names.length === 0
    ? ", which no group uses"
    : `, which is the group ${names.map(({ path }) => path || "default").join(", ")}`;
}

/** What has become of a write, in words. */
function outcome(row: Row, value: bigint, now: Readings): string {
  const { name, meaning, register } = row;
  const status = now.get("MPAMF_ESR");
  const code = Number(((status?.value ?? 0n) >> 24n) & 0xfn);
  const error =
    status?.changed && code !== 0
      ? ` The MSC has recorded an error, ${errorCodeName(code)}: ${wordFor(meaningOf("MPAMF_ESR"), "ERRCODE", code)}.`
      : "";
  const written = showHex(value, register.width);
  if (meaning.access === "WO") return `${written} written to ${name}.${error}`;
  const reads = now.get(name)?.value;
  if (reads === undefined || reads === value) return `${name} is ${written}.${error}`;
  return `${written} written to ${name}, which reads ${showHex(reads, register.width)}: the other bits are not there, cannot be changed, or have changed again.${error}`;
}
