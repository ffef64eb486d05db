// MSMON_*: the selector of monitors, what they look for, what they have counted, and what happens when they overflow.

import type { FieldsMeaning, RegisterMeaning, RegisterMeanings } from "./meaning.ts";

function monitor(rest: FieldsMeaning & Partial<RegisterMeaning>): RegisterMeaning {
  return { group: "monitors", access: "RW", selection: "monitor", ...rest };
}

const FILTER = {
  PARTID: "the PARTID that is looked for, if MATCH_PARTID is set; the one of requests, before narrowing",
  PMG: "the PMG that is looked for, if MATCH_PMG is set",
};

const CONTROL = {
  TYPE: "what kind of monitor this is",
  OFLOW_LNKG: "the capture event that an overflow raises for other monitors",
  MATCH_PARTID: "whether only the PARTID of the filter counts",
  MATCH_PMG: "whether only the PMG of the filter counts",
  CEVNT_OFLW: "whether a capture event is taken as an overflow, instead of as a capture",
  SUBTYPE: "reserved, 0",
  OFLOW_CAPT: "whether an overflow captures the value",
  OFLOW_FRZ: "whether the value stands still after an overflow, until it is written",
  OFLOW_INTR: "whether an overflow interrupts",
  OFLOW_STATUS: "an overflow has happened since somebody wrote 0 here",
  CAPT_RESET: "whether the value begins at 0 again when it has been captured",
  CAPT_EVNT: "which capture event this monitor listens to",
  EN: "whether the monitor runs",
};

const ON = ["off", "on"];
const CONTROL_VALUES = {
  OFLOW_LNKG: ["none", "event 1", "event 2", "event 3", "event 4", "event 5", "event 6", "reserved"],
  MATCH_PARTID: ["any PARTID", "one PARTID"],
  MATCH_PMG: ["any PMG", "one PMG"],
  CEVNT_OFLW: ["captures", "overflows"],
  OFLOW_CAPT: ON,
  OFLOW_FRZ: ["goes on", "freezes"],
  OFLOW_INTR: ON,
  OFLOW_STATUS: ["no overflow", "overflowed"],
  CAPT_RESET: ["goes on", "begins at 0"],
  CAPT_EVNT: [
    "none",
    "external 1",
    "external 2",
    "external 3",
    "external 4",
    "external 5",
    "external 6",
    "MSMON_CAPT_EVNT",
  ],
  EN: ["stopped", "runs"],
};

const READY = { NRDY: ["ready", "not ready"] };
const NRDY = "the value cannot be trusted yet";

export const MONITORS: RegisterMeanings = {
  MSMON_CFG_MON_SEL: {
    group: "selectors",
    access: "RW",
    selection: "none",
    meaning: "which monitor, of which resource, all other MSMON registers show",
    fields: {
      MON_SEL: "the number of the monitor; each kind counts from 0",
      RIS: "which resource of the MSC is meant",
    },
  },
  MSMON_CAPT_EVNT: {
    group: "monitors",
    access: "WO",
    selection: "none",
    meaning: "writing here captures all monitors that listen to event 7",
    fields: {
      NOW: "capture now",
      ALL: "from a Secure, Realm or Root page: those of the spaces below it too",
    },
    values: { NOW: ["nothing", "capture"], ALL: ["this space", "spaces below too"] },
    written: "values go to the capture registers; reads answer 0",
  },
  MSMON_CFG_CSU_FLT: monitor({
    meaning: "whose lines the selected monitor of cache usage looks for",
    fields: { ...FILTER, XCL: "whether clean lines are left out" },
    values: { XCL: ["all lines", "dirty lines only"] },
    written: "the value may be not ready (NRDY) for a while",
  }),
  MSMON_CFG_CSU_CTL: monitor({
    meaning: "what the selected monitor of cache usage looks at, and what it does on overflow",
    fields: CONTROL,
    values: { TYPE: { 67: "cache storage usage" }, ...CONTROL_VALUES },
    fixed: ["TYPE", "SUBTYPE"],
    written: "the value may be not ready (NRDY) for a while",
  }),
  MSMON_CFG_MBWU_FLT: monitor({
    meaning: "whose bytes the selected monitor of bandwidth counts",
    fields: { ...FILTER, RWBW: "whether reads, writes or both count" },
    values: { RWBW: ["reads and writes", "writes only", "reads only", "reserved"] },
    written: "the count goes on from where it is, under the new filter",
  }),
  MSMON_CFG_MBWU_CTL: monitor({
    meaning: "what the selected monitor of bandwidth looks at, and what it does on overflow",
    fields: {
      ...CONTROL,
      OFLOW_CAPT_L: "whether an overflow of the long counter captures it",
      OFLOW_INTR_L: "whether an overflow of the long counter interrupts",
      OFLOW_STATUS_L: "the long counter has overflowed since somebody wrote 0 here",
      SCLEN: "whether the short counter is shifted down, to hold more",
    },
    values: {
      TYPE: { 66: "memory bandwidth usage" },
      ...CONTROL_VALUES,
      OFLOW_CAPT_L: ON,
      OFLOW_INTR_L: ON,
      OFLOW_STATUS_L: ["no overflow", "overflowed"],
      SCLEN: ["bytes", "scaled"],
    },
    fixed: ["TYPE", "SUBTYPE"],
    written: "the count goes on from where it is",
  }),
  MSMON_CSU: monitor({
    meaning: "how much of the cache is held by what the selected monitor looks for, now",
    fields: { VALUE: "bytes of lines held", NRDY },
    values: READY,
    written: "hardware overwrites it with the next measurement",
  }),
  MSMON_CSU_CAPTURE: monitor({
    meaning: "the usage as it was when it was last captured",
    fields: { VALUE: "bytes of lines held then", NRDY: "the value could not be trusted then" },
    values: READY,
  }),
  MSMON_CSU_OFSR: monitor({
    access: "RO",
    selection: "32 monitors",
    meaning: "which of 32 monitors of cache usage have overflowed; the selected one is among them",
    fields: { OFPND: "bit x stands for the monitor x above MON_SEL rounded down to 32" },
  }),
  MSMON_MBWU: monitor({
    meaning: "how many bytes the selected monitor has counted, in 31 bits",
    fields: { VALUE: "bytes counted; scaled where SCLEN is set", NRDY },
    values: READY,
    written: "the count goes on from the number written; OFLOW_STATUS is cleared, a frozen count runs again",
  }),
  MSMON_MBWU_CAPTURE: monitor({
    meaning: "the count as it was when it was last captured",
    fields: { VALUE: "bytes counted then", NRDY: "the value could not be trusted then" },
    values: READY,
  }),
  MSMON_MBWU_L: monitor({
    meaning: "how many bytes the selected monitor has counted, in 44 or 63 bits; never scaled",
    fields: { VALUE: "bytes counted", NRDY },
    values: READY,
    written: "the count goes on from the number written; OFLOW_STATUS_L is cleared",
  }),
  MSMON_MBWU_L_CAPTURE: monitor({
    meaning: "the long count as it was when it was last captured",
    fields: { VALUE: "bytes counted then", NRDY: "the value could not be trusted then" },
    values: READY,
  }),
  MSMON_MBWU_OFSR: monitor({
    access: "RO",
    selection: "32 monitors",
    meaning: "which of 32 monitors of bandwidth have overflowed; the selected one is among them",
    fields: { OFPND: "bit x stands for the monitor x above MON_SEL rounded down to 32" },
  }),
};
