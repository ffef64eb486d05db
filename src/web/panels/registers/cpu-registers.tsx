// System registers of a cpu, and the labels that come of them.

import { useEffect, useState } from "preact/hooks";
import { SYSTEM_FIELDS, type SystemRegisterName } from "../../../machine/index.ts";
import { SYSTEM_MEANINGS } from "../../../meaning/index.ts";
import type { Booted, Engine, LabelView, SystemRegisterView } from "../../engine/protocol.ts";
import { wideFieldsOf } from "./fields.ts";
import { showHex } from "./numbers.ts";
import { RegisterCard } from "./register-card.tsx";
import { RegisterList } from "./register-list.tsx";
import { usePolled } from "./use-polled.ts";

interface Props {
  readonly engine: Engine;
  readonly booted: Booted;
}

const GROUPS = ["labels", "guests", "bandwidth", "what the cpu is"];

function groupOf(name: string): string {
  if (/^(ID_|MPAMIDR|MPAMBWIDR|SCR_|HCR_)/.test(name)) return "what the cpu is";
  if (name.startsWith("MPAMBW")) return "bandwidth";
  return /^MPAM(HCR|VPM)/.test(name) ? "guests" : "labels";
}

function isReadOnly(name: string): boolean {
  return /^(ID_|MPAMIDR|MPAMBWIDR)/.test(name);
}

export function CpuRegisters({ engine, booted }: Props) {
  const [cpu, setCpu] = useState(0);
  const [registers, setRegisters] = useState<readonly SystemRegisterView[]>([]);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const [labels, setLabels] = useState<readonly LabelView[]>([]);
  const [opened, setOpened] = useState("MPAM0_EL1");
  const [said, setSaid] = useState("");

  useEffect(() => setCpu(0), [booted]);

  const look = usePolled(async () => {
    const [found, carried] = await Promise.all([engine.systemRegisters(cpu), engine.labels(cpu)]);
    if (!found.ok || !carried.ok) {
      setSaid(found.ok ? (carried.ok ? "" : carried.message) : found.message);
      return;
    }
    const before = new Map(registers.map(({ name, value }) => [name, value]));
    const others = found.value.filter(({ name, value }) => before.has(name) && before.get(name) !== value);
    setChanged(new Set(others.map(({ name }) => name)));
    setRegisters(found.value);
    setLabels(carried.value);
  }, [engine, booted, cpu]);

  const open = registers.find(({ name }) => name === opened) ?? registers[0];
  const items = registers.map(({ name, value }) => ({
    name,
    value,
    group: groupOf(name),
    width: 64 as const,
    changed: changed.has(name),
  }));
  const write = async (name: string, value: bigint) => {
    const reply = await engine.writeSystemRegister(cpu, name, value);
    const after = await engine.systemRegisters(cpu);
    const reads = after.ok ? after.value.find((one) => one.name === name)?.value : undefined;
    if (!reply.ok) setSaid(reply.message);
    else if (reads !== undefined && reads !== value) {
      setSaid(
        `${showHex(value, 64)} written to ${name}, which reads ${showHex(reads, 64)}: the other bits cannot be changed.`,
      );
    } else setSaid(`${name} of cpu ${cpu} is written. The kernel writes it again when it switches tasks.`);
    await look();
  };
  return (
    <>
      <div class="selectors">
        <label>
          Cpu
          <select value={cpu} onChange={(event) => setCpu(Number(event.currentTarget.value))}>
            {Array.from({ length: booted.platform.cpus }, (_, n) => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
      </div>
      <Labels labels={labels} />
      <p role="status" class="register-said">
        {said}
      </p>
      {open && (
        <div class="register-columns">
          <RegisterList label="System registers" groups={GROUPS} items={items} opened={open.name} open={setOpened} />
          <RegisterCard
            key={`${open.name} ${cpu}`}
            name={open.name}
            place={`Cpu ${cpu}`}
            access={isReadOnly(open.name) ? "RO" : "RW"}
            meaning={SYSTEM_MEANINGS[open.name as SystemRegisterName]}
            fields={wideFieldsOf(SYSTEM_FIELDS[open.name as SystemRegisterName])}
            width={64}
            value={open.value}
            write={(value) => void write(open.name, value)}
          />
        </div>
      )}
    </>
  );
}

/** What requests carry now, and why. */
function Labels({ labels }: { readonly labels: readonly LabelView[] }) {
  return (
    <table class="fields labels">
      <caption>What requests of this cpu carry, by its registers as they are</caption>
      <thead>
        <tr>
          <th scope="col">Requests</th>
          <th scope="col">PARTID</th>
          <th scope="col">PMG</th>
          <th scope="col">How it comes about</th>
        </tr>
      </thead>
      <tbody>
        {labels.map(({ requests, partid, pmg, from, steps }) => (
          <tr key={requests}>
            <th scope="row">{requests}</th>
            <td>{partid}</td>
            <td>{pmg}</td>
            <td>
              <details>
                <summary>{from}</summary>
                <ol>
                  {steps.map((step) => (
                    <li key={step}>{step}</li>
                  ))}
                </ol>
              </details>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
