// The guided start: a few steps, each with something to do and something to see.

import type { GroupView } from "../engine/protocol.ts";
import { DEFAULT_SETUP } from "../setup.ts";
import type { PageState } from "../state.ts";

export interface Action {
  readonly label: string;
  run(page: PageState): Promise<unknown>;
}

export interface Step {
  readonly title: string;
  readonly text: string;
  readonly actions: readonly Action[];
  /** What one may wonder about, and the answer. */
  readonly why?: { readonly question: string; readonly answer: string };
}

function groupNamed(page: PageState, name: string): GroupView | undefined {
  const group = page.groups.value.find(({ path }) => path === name);
  if (!group) page.say(`There is no group ${name} now: "Begin again" brings it back.`, true);
  return group;
}

/** Writes a line to the schemata of a group, as a shell would. */
async function write(page: PageState, name: string, line: string): Promise<void> {
  if (!groupNamed(page, name)) return;
  await page.tell(`${name}, ${line}`, () => page.engine.writeFile(`${name}/schemata`, `${line}\n`));
  if (!page.playing.value) await page.play();
}

const begin: Action = {
  label: "Begin again",
  run: (page) => page.boot({ ...DEFAULT_SETUP, panels: page.panels.value }, true),
};

export const STEPS: readonly Step[] = [
  {
    title: "Two programs share one cache",
    text: "Each column of the picture is a way of the L3, each row a set, and each mark a line of 64 bytes in the colour of the group that brought it in. polite comes back to the same 730 KiB of text again and again: they would fit. greedy sorts 4.2 MiB and hardly returns to a line, yet it takes half of the cache, and sweeps polite's lines out before they are wanted again.",
    actions: [begin],
    why: {
      question: "Why does the one that gains nothing get half?",
      answer:
        "The cache gives up the line that was used longest ago. Who brings in more new lines makes everybody else's look old. A cache without partitions rewards traffic, not use.",
    },
  },
  {
    title: "Give greedy two portions",
    text: "A request carries a PARTID, and for each PARTID the cache has a bitmap, CPBM: the portions in which it may bring in lines. Drag over greedy's cells above the picture until two are left, or press the button. Watch how polite takes over the other ways, and how its hits go up.",
    actions: [
      { label: "L3:0=3 for greedy", run: (page) => write(page, "greedy", "L3:0=3") },
      { label: "Give it all back", run: (page) => write(page, "greedy", "L3:0=ffff") },
    ],
    why: {
      question: "Why do greedy's lines not vanish at once?",
      answer:
        "The bitmap says where new lines may go, and nothing else. Lines that lie elsewhere stay, and are still hit, until somebody takes their place. No control of MPAM moves a line.",
    },
  },
  {
    title: "Limit the bandwidth, and be surprised",
    text: "MB:0=10 leaves greedy a tenth of the memory channel while others want it: greedy waits, brings in fewer lines, and polite gets its part of the cache back. Now look at the last chart. As soon as polite leaves the channel alone, greedy goes far over its limit, the dashed line. End polite, and it does so all the time.",
    actions: [
      { label: "MB:0=10 for greedy", run: (page) => write(page, "greedy", "MB:0=10") },
      {
        label: "End polite",
        run: async (page) => {
          if (!groupNamed(page, "polite")?.workloads.includes("polite")) return;
          await page.tell("polite", () => page.engine.removeWorkload("polite"));
        },
      },
      {
        label: "Start polite",
        run: async (page) => {
          if (!groupNamed(page, "polite") || groupNamed(page, "polite")?.workloads.includes("polite")) return;
          await page.tell("polite", () => page.engine.addWorkload("polite", "polite"));
        },
      },
    ],
    why: {
      question: "Why does a limit of 10 % slow nobody on an idle channel?",
      answer:
        "resctrl writes a soft limit: MPAMCFG_MBW_MAX with HARDLIM 0. Over it, requests wait only for those below theirs. In the register view, set HARDLIM for greedy's PARTID, and it waits though nobody else is there.",
    },
  },
  {
    title: "Who counted all this?",
    text: "Monitors in the cache and in the channel count lines and bytes for a label. The shell below shows what Linux shows: cat greedy/mon_data/mon_L3_00/llc_occupancy. Under that file lie registers: MSMON_CFG_CSU_FLT says whose lines to count, MSMON_CSU_VALUE has the answer.",
    actions: [
      { label: "Open the shell", run: async (page) => page.togglePanel("shell", true) },
      { label: "Open the registers", run: async (page) => page.togglePanel("registers", true) },
    ],
  },
  {
    title: "Now yours",
    text: "Add a group, start a pattern in it, and find the smallest bitmap with which polite still hits. Drop a trace of your own program. Take another platform: four-spaces has worlds apart, t241 has the faults of a real part, server has thirty times the lines, in 32 slices.",
    actions: [
      begin,
      { label: "A big server", run: (page) => page.change({ platform: { bundled: "server" }, speed: 0.005 }) },
    ],
  },
];
