// Commands that qtest does not have, all beginning with mpam_: what a machine with MPAM has besides addresses, lines and a clock.

import { ErrnoError } from "../../errno/index.ts";
import { type ExceptionLevel, SYSTEM_REGISTERS, type SystemRegisterName } from "../../machine/index.ts";
import { SPACES } from "../../platform/index.ts";
import { nearest } from "../../written/index.ts";
import { shown, smallNumber, writtenValue } from "./c-number.ts";
import { type Client, type Commands, hex16 } from "./command.ts";

/** Snapshots that a server keeps for its clients, and how much of them there may be. */
const MOST_SNAPSHOTS = 8;
const MOST_BYTES = 512 * 2 ** 20;

const snapshots = new WeakMap<Client["board"], Map<string, Uint8Array>>();

function snapshotsOf({ board }: Client): Map<string, Uint8Array> {
  const kept = snapshots.get(board) ?? new Map<string, Uint8Array>();
  snapshots.set(board, kept);
  return kept;
}

function cpuOf(text: string, { board }: Client): number {
  const cpu = smallNumber("CPU", text);
  return board.machine.cpu(cpu).cpu;
}

function registerOf(name: string): SystemRegisterName {
  if (Object.hasOwn(SYSTEM_REGISTERS, name)) return name as SystemRegisterName;
  const meant = nearest(name, Object.keys(SYSTEM_REGISTERS));
  throw new ErrnoError(
    "EINVAL",
    `${shown(name)} is no system register known here${meant ? `; did you mean ${meant}?` : ""}`,
  );
}

function levelOf(text: string): ExceptionLevel {
  const [, digit] = /^el([0-3])$/i.exec(text) ?? [];
  if (digit === undefined) throw new ErrnoError("EINVAL", `'${shown(text)}': el0, el1, el2 or el3 is needed`);
  return Number(digit) as ExceptionLevel;
}

/** Past traps and exception levels, or as software at one of them. */
function accessSystemRegister(words: readonly string[], client: Client): string | undefined {
  const { registers } = client.board.machine.cpu(cpuOf(words[0] ?? "", client));
  const register = registerOf(words[1] ?? "");
  const [value, el] = /^el/i.test(words[2] ?? "") ? [undefined, words[2]] : [words[2], words[3]];
  const written = value === undefined ? undefined : writtenValue(value, 8);
  if (el === undefined) {
    if (written === undefined) return hex16(registers.peek(register));
    registers.poke(register, written);
    return undefined;
  }
  const level = { el: levelOf(el) };
  const became = written === undefined ? registers.read(register, level) : registers.write(register, written, level);
  switch (became.outcome) {
    case "done":
      return written === undefined ? hex16(became.value) : undefined;
    case "undefined":
      throw new ErrnoError("EPERM", `${register} is UNDEFINED at EL${level.el}`);
    case "trap":
      throw new ErrnoError("EPERM", `${register} is trapped to EL${became.to}, ESR 0x${became.esr.toString(16)}`);
    case "memory":
      throw new ErrnoError("EPERM", `${register} goes to memory, offset 0x${became.offset.toString(16)} of VNCR_EL2`);
  }
}

export const OWN: Commands = {
  mpam_as: {
    usage: "CPU [SPACE]",
    run([cpu = "", space], client) {
      const by = cpuOf(cpu, client);
      const known = SPACES.find((one) => one === (space ?? client.space));
      if (known === undefined) {
        throw new ErrnoError("EINVAL", `SPACE '${shown(space ?? "")}': ${SPACES.join(", ")} are allowed`);
      }
      client.cpu = by;
      client.space = known;
      return undefined;
    },
  },
  mpam_sysreg: { usage: "CPU NAME [VALUE] [EL]", run: accessSystemRegister },
  mpam_mscs: {
    usage: "",
    run: (_words, { board }) =>
      board.machine.mscs
        .map(({ msc, address }) => `${msc}=${address === undefined ? "-" : `0x${address.toString(16)}`}`)
        .join(" "),
  },
  mpam_lines: { usage: "", run: (_words, { board }) => board.linesUp.join(" ") || undefined },
  mpam_capture: {
    usage: "MSC EVENT",
    run([msc = "", event = ""], { board }) {
      board.machine.capture(smallNumber("MSC", msc), smallNumber("EVENT", event));
      return undefined;
    },
  },
  mpam_snapshot: {
    usage: "[NAME]",
    run([name = ""], client) {
      const kept = snapshotsOf(client);
      if (!kept.has(name) && kept.size >= MOST_SNAPSHOTS) {
        throw new ErrnoError("ENOSPC", `${MOST_SNAPSHOTS} snapshots are kept, and no more: take one of their names`);
      }
      const bytes = client.board.snapshot();
      const others = [...kept].reduce((sum, [other, { length }]) => sum + (other === name ? 0 : length), 0);
      if (others + bytes.length > MOST_BYTES) {
        throw new ErrnoError(
          "ENOSPC",
          `it has ${bytes.length} bytes, and of ${MOST_BYTES} for all ${others} are taken`,
        );
      }
      kept.set(name, bytes);
      return String(bytes.length);
    },
  },
  mpam_quit: {
    usage: "",
    run(_words, { board }) {
      board.quit();
      return undefined;
    },
  },
};

/** Those that wait for their turn by themselves. */
export const OWN_WAITING: Commands = {
  mpam_restore: {
    usage: "[NAME]",
    async run([name = ""], client) {
      const bytes = snapshotsOf(client).get(name);
      if (!bytes) throw new ErrnoError("ENOENT", `no snapshot has the name '${shown(name)}'`);
      await client.board.restore(bytes);
      return undefined;
    },
  },
  mpam_reset: {
    usage: "",
    async run(_words, { board }) {
      await board.reset();
      return undefined;
    },
  },
  mpam_replay: {
    usage: "TRACE...",
    async run(names, { board }) {
      board.checkFiles();
      await board.startReplay(names);
      return undefined;
    },
  },
  mpam_step_replay: {
    usage: "TRACE...",
    async run(names, { board }) {
      board.checkFiles();
      await board.startReplay(names, { speed: 0 });
      return undefined;
    },
  },
  mpam_stop: {
    usage: "",
    async run(_words, { board }) {
      await board.stopReplay();
      return undefined;
    },
  },
  mpam_do: {
    usage: "LINE...",
    async run(_words, { board }, line) {
      const { text, met, diff } = await board.perform(line);
      if (met === false) throw new ErrnoError("EINVAL", `it is not as expected: ${diff}`);
      return text === undefined ? undefined : JSON.stringify(text);
    },
  },
};
