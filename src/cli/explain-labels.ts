// mpam explain labels: the path by which the label of a cpu's requests comes about, from groups of resctrl over tags and context
// switches to registers, and from those to what MSCs make of it.

import { Driver } from "../driver/index.ts";
import { ErrnoError } from "../errno/index.ts";
import { Resctrl } from "../fs/index.ts";
import { sameLabel } from "../kernel/index.ts";
import {
  type ExceptionLevel,
  type Label,
  type LabelPath,
  type LabelStep,
  labelPath,
  Machine,
  type RequestKind,
  SPACE_WORDS,
  SYSTEM_FIELDS,
  SYSTEM_REGISTERS,
  type SystemRegisterName,
  type SystemRegisters,
  showWord,
  type TaskLabel,
} from "../machine/index.ts";
import { loadPlatform, type MscInstance } from "../platform/index.ts";
import { type ScriptLine, ScriptRun } from "../script/index.ts";
import {
  type Booting,
  bootFrom,
  chooseKernelMode,
  groupPath,
  type KernelModeChoice,
  parseKernelMode,
  withParent,
} from "../session/index.ts";
import { choice, nearest, showCpus, UsageError, whole } from "../written/index.ts";
import { platformOf } from "./named-platform.ts";
import { print } from "./output.ts";
import { scriptOf } from "./script.ts";
import { wrap } from "./wrap.ts";

export interface ExplainLabelsOptions {
  platform?: string;
  cpu: string;
  el: string;
  kind?: string;
  group?: string;
  do: string[];
  script?: string;
  set: string[];
  kernelMode?: string;
  commandLine?: string;
  compat?: string;
  smmus?: boolean;
  json?: boolean;
}

const WORD = 2n ** 64n - 1n;

const KINDS = ["data", "fetch", "streaming", "nv2"] as const;

/** A step before those of the hardware, or behind them. */
interface SoftwareStep {
  readonly step: string;
  readonly text: string;
}

/** The path of one kind of request. */
interface ExplainedPath extends LabelPath {
  readonly kind: RequestKind;
  readonly mscs: readonly SoftwareStep[];
}

interface Explained {
  readonly platform: string;
  readonly cpu: number;
  readonly el: ExceptionLevel;
  readonly software: readonly SoftwareStep[];
  readonly paths: readonly ExplainedPath[];
}

export async function explainLabels(argument: string | undefined, options: ExplainLabelsOptions): Promise<void> {
  const boots = bootFrom(options);
  const kind = choice("kind", options.kind, KINDS);
  const mode = options.kernelMode === undefined ? undefined : parseKernelMode(options.kernelMode);
  const el = Number(choice("el", options.el, ["0", "1", "2", "3"])) as ExceptionLevel;
  const cpu = whole("cpu", options.cpu);
  const settings = options.set.map(parseSetting);
  const script = await scriptOf(options.do, options.script);
  const platform = await loadPlatform(platformOf(argument, options.platform));
  const machine = await Machine.create(platform);
  const { registers } = cpuOf(machine, cpu);
  const software = await boot(machine, cpu, script, options.group, mode, boots);
  for (const setting of settings) {
    if (!registers.has(setting.register))
      throw new UsageError(`set ${setting.register}: cpu ${cpu} of ${platform.name} has no ${setting.register}`);
    software.push({ step: "by hand", text: setByHand(registers, setting) });
  }
  const kinds: readonly RequestKind[] = kind ? [kind] : ["data", "fetch"];
  const mscs = machine.mscs.filter(({ resource }) => resource.kind === "memory" || resource.cache.cpus.includes(cpu));
  const paths = kinds.map((one) => {
    const way = labelPathOf(machine, cpu, el, one);
    return { kind: one, ...way, mscs: atMscs(mscs, way.label) };
  });
  const explained: Explained = { platform: platform.name, cpu, el, software, paths };
  print(options.json, explained, textOf(explained));
}

function cpuOf(machine: Machine, cpu: number) {
  const { cpus } = machine.platform;
  if (cpu >= cpus) throw new UsageError(`cpu ${cpu}: ${machine.platform.name} has cpus 0 to ${cpus - 1}`);
  return machine.cpu(cpu);
}

function labelPathOf(machine: Machine, cpu: number, el: ExceptionLevel, kind: RequestKind): LabelPath {
  try {
    return labelPath(machine.cpu(cpu).registers, el, kind);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** What software does before the request is made. */
async function boot(
  machine: Machine,
  cpu: number,
  script: readonly ScriptLine[],
  group: string | undefined,
  mode: KernelModeChoice | undefined,
  boots: Booting,
): Promise<SoftwareStep[]> {
  const { kernel } = machine.processor;
  const driver = await Driver.probe(machine, boots);
  const { features } = kernel;
  if (features?.without !== undefined) return [{ step: "kernel", text: `uses no MPAM: ${features.without}` }];
  if (!driver.enabled) {
    const why = driver.state.phase === "waiting" ? `waits for ${driver.state.for}` : "has disabled MPAM";
    return [{ step: "kernel", text: `the driver ${why}: no label is switched` }];
  }
  const byGroup = mode?.policy === "group" || mode?.policy === "per-group";
  const tree = await mounted(driver, script.length > 0 || group !== undefined || byGroup, mode !== undefined);
  if (tree) await new ScriptRun(machine, tree, atStart(script), { lengthNs: 0 }).begin();
  // Without a tree there are no groups to name.
  if (mode?.policy === "inherit" || mode?.policy === "default") kernel.mode = { policy: mode.policy };
  else if (mode && tree) await chooseKernelMode(tree, mode);
  const tid = 1;
  kernel.addTask({ tid, pid: tid, comm: "thread", cpu });
  if (tree && group !== undefined) await enter(tree, group, tid);
  kernel.switchTo(cpu, tid);
  const tag = kernel.task(tid)?.label as TaskLabel;
  const user = kernel.userLabel(tid, cpu);
  const whose = group === undefined || groupPath(group) === "" ? "the default group" : `group ${group}`;
  const takesDefault = sameLabel(tag, kernel.globalDefault);
  const own = `a thread of ${whose} has the tag ${show(tag)}`;
  return [
    {
      step: "tag",
      text: takesDefault ? `${own}, that of the default group: the default of cpu ${cpu} counts, ${show(user)}` : own,
    },
    {
      step: "switch",
      text: `for EL0 MPAM0_EL1 := ${show(user)}; for the kernel MPAM1_EL1 := ${show(kernel.kernelLabel(tid, cpu))} (kernel mode: ${kernel.mode.policy})`,
    },
  ];
}

/** Undefined where the machine has nothing for resctrl, and nobody asked for it. */
async function mounted(driver: Driver, isNeeded: boolean, hasModes: boolean): Promise<Resctrl | undefined> {
  try {
    return await Resctrl.mount(driver, hasModes ? { proposed: ["kernel-mode"] } : {});
  } catch (error) {
    if (!isNeeded && error instanceof ErrnoError && error.code === "EOPNOTSUPP") return undefined;
    throw error;
  }
}

/** A line of a later time has no replay to happen in. */
function atStart(script: readonly ScriptLine[]): readonly ScriptLine[] {
  const late = script.find(({ at }) => !("ns" in at) || at.ns > 0);
  if (late === undefined) return script;
  const { file, line, column } = late.place;
  throw new UsageError(
    `${file}:${line}:${column}: ${late.text}: nothing is replayed here, and only lines at @0 can happen`,
  );
}

async function enter(tree: Resctrl, group: string, tid: number): Promise<void> {
  const path = groupPath(group);
  try {
    for (const one of withParent(path)) await tree.writeFile(`${one}/tasks`, `${tid}\n`);
  } catch (error) {
    if (!(error instanceof ErrnoError) || error.code !== "ENOENT") throw error;
    throw new UsageError(`group ${group}: there is none; -d "@0 mkdir ${path}" makes one before`, { cause: error });
  }
}

interface Setting {
  readonly register: SystemRegisterName;
  readonly field: string | undefined;
  readonly value: bigint;
}

/** What the register has then, and whether that is what was asked for. */
function setByHand(registers: SystemRegisters, { register, field, value }: Setting): string {
  const mask = field === undefined ? WORD : (SYSTEM_FIELDS[register][field] as bigint);
  const wanted = value * (mask & -mask);
  registers.poke(register, (registers.peek(register) & ~mask) | wanted);
  const now = registers.peek(register);
  const said = `${register} := ${showWord(now)}`;
  if ((now & mask) === wanted) return said;
  const what = `${field === undefined ? "" : `${field} `}0x${value.toString(16)}`;
  return `${said} (${what} was asked for: not all of it can be written)`;
}

/** REGISTER=VALUE or REGISTER.FIELD=VALUE. */
function parseSetting(text: string): Setting {
  const parts = /^([A-Za-z0-9_]+)(?:\.([A-Za-z0-9_]+))?=(0[xX][0-9a-fA-F][0-9a-fA-F_]*|[0-9][0-9_]*)$/.exec(text);
  if (!parts)
    throw new UsageError(`set '${text}': REGISTER=VALUE or REGISTER.FIELD=VALUE is needed, as in MPAM0_EL1.PARTID_D=5`);
  const [, name = "", field, number = ""] = parts;
  const register = known(Object.keys(SYSTEM_REGISTERS), name, "system register") as SystemRegisterName;
  const fields = SYSTEM_FIELDS[register];
  if (field !== undefined) known(Object.keys(fields), field, `field of ${register}`);
  const value = BigInt(number.replaceAll("_", ""));
  const mask = field === undefined ? WORD : (fields[field] as bigint);
  const most = mask / (mask & -mask);
  if (value > most) throw new UsageError(`set '${text}': 0 to 0x${most.toString(16)} is allowed`);
  return { register, field, value };
}

function known(names: readonly string[], name: string, what: string): string {
  if (names.includes(name)) return name;
  const close = nearest(name, names);
  throw new UsageError(
    `set ${name}: no ${what}${close === undefined ? `; there are ${names.join(", ")}` : `; is it ${close}?`}`,
  );
}

/** What MSCs make of a label, those that do alike together. */
function atMscs(mscs: readonly MscInstance[], { space, partid, pmg }: Label): SoftwareStep[] {
  const found = new Map<string, number[]>();
  for (const { msc, description } of mscs) {
    const limits = description.spaces[space];
    const partidMax = description.inTl?.partidMax ?? limits?.partidMax ?? 0;
    const said = () => {
      if (limits === undefined) return `no bank for the ${SPACE_WORDS[space]} space: neither checked nor counted`;
      if (partid > partidMax) return `PARTID ${partid} is above its ${partidMax}: error 2 (Req_PARTID_Range)`;
      if (pmg > limits.pmgMax) return `PMG ${pmg} is above its ${limits.pmgMax}: error 4 (Req_PMG_Range)`;
      return `PARTID ${partid} is in 0..${partidMax} and PMG ${pmg} in 0..${limits.pmgMax}`;
    };
    const text = said();
    found.set(text, [...(found.get(text) ?? []), msc]);
  }
  return [...found].map(([text, numbers]) => ({
    step: numbers.length === 1 ? "MSC" : "MSCs",
    text: `${showCpus(numbers)}: ${text}`,
  }));
}

function textOf({ platform, cpu, el, software, paths }: Explained): string {
  const before = software.map(({ step, text }) => line(step, text));
  const head = wrap("", `${platform}, cpu ${cpu}, EL${el}`, 2);
  const parts = paths.map(({ kind, label, steps, mscs }) =>
    [
      `${kind === "fetch" ? "instruction fetches" : kind}: ${summary(label)}`,
      ...steps.map(({ step, text }: LabelStep) => line(step, text)),
      ...mscs.map(({ step, text }) => line(step, text)),
    ].join("\n"),
  );
  return [[head, ...before].join("\n"), ...parts].join("\n\n");
}

function summary({ space, partid, pmg, flawed }: LabelPath["label"]): string {
  return `PARTID ${partid}, PMG ${pmg}, ${SPACE_WORDS[space]} space${flawed ? " (an error on the way)" : ""}`;
}

const COLUMN = 12;

function line(step: string, text: string): string {
  return wrap(`  ${step.padEnd(COLUMN - 3)}`, text, COLUMN);
}

function show({ partidD, partidI, pmgD, pmgI }: TaskLabel): string {
  if (partidD === partidI && pmgD === pmgI) return `PARTID ${partidD}, PMG ${pmgD}`;
  return `PARTID_D ${partidD}, PMG_D ${pmgD}, PARTID_I ${partidI}, PMG_I ${pmgI}`;
}
