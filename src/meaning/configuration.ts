// MPAMCFG_*: the selector, and the settings of the PARTID that it names.

import type { FieldsMeaning, RegisterMeaning, RegisterMeanings, Selection } from "./meaning.ts";

function setting(selection: Selection, rest: FieldsMeaning & { written?: string }): RegisterMeaning {
  return { group: "configuration", access: "RW", selection, ...rest };
}

const TABLE = {
  PARTID_TL: "what the selected PARTID becomes",
  ENABLE: "whether this entry is used",
};

export const CONFIGURATION: RegisterMeanings = {
  MPAMCFG_PART_SEL: {
    group: "selectors",
    access: "RW",
    selection: "none",
    meaning: "whose settings all other MPAMCFG registers show: those of this PARTID, of this resource",
    fields: {
      PARTID_SEL: "the PARTID whose settings are shown and changed",
      INTERNAL: "with narrowing: the number is that of an internal PARTID",
      INGRESS_TL: "with translation: the number is a PARTID as it comes in",
      DEFAULT_PARTID: "the settings for requests out of range are meant, whatever the number is",
      RIS: "which resource of the MSC is meant; ID registers follow it too",
    },
    values: { INTERNAL: ["as in requests", "internal"], INGRESS_TL: ["translated", "as it comes in"] },
  },
  MPAMCFG_CMAX: setting("ris and partid", {
    meaning: "the most of the cache that the PARTID may hold",
    fields: {
      CMAX: "a share, counted from the top bit: 0x3fff is a quarter, 0xffff all of it",
      SOFTLIM: "over the limit, room that nobody needs may still be taken",
    },
    values: { SOFTLIM: ["hard", "soft"] },
  }),
  MPAMCFG_CMIN: setting("ris and partid", {
    meaning: "the least of the cache that the PARTID keeps while others have theirs",
    fields: { CMIN: "a share, counted from the top bit: 0x4000 is a quarter; below it its lines are spared" },
  }),
  MPAMCFG_CASSOC: setting("ris and partid", {
    meaning: "the most ways of one set that the PARTID may hold",
    fields: { CASSOC: "a share of the ways, counted from the top bit: 0xffff is all of them" },
  }),
  MPAMCFG_CPBM: setting("ris and partid", {
    meaning: "which portions of the cache the PARTID may fill; 32 portions a register",
    fields: { P: "a bit for each portion: 1 lets the PARTID bring lines in there; hits are never refused" },
    written: "lines already in portions taken away stay until others need the room",
  }),
  MPAMCFG_MBW_MIN: setting("ris and partid", {
    meaning: "the bandwidth that the PARTID gets before others get more than theirs",
    fields: { MIN: "a share of the channel, counted from the top bit: 0x4000 is a quarter" },
  }),
  MPAMCFG_MBW_MAX: setting("ris and partid", {
    meaning: "the bandwidth at which the PARTID is held back",
    fields: {
      MAX: "a share of the channel, counted from the top bit: 0x3fff is a quarter, 0xffff all of it",
      HARDLIM: "hard: what is more waits; soft: it waits only while others want the room",
    },
    values: { HARDLIM: ["soft", "hard"] },
  }),
  MPAMCFG_MBW_WINWD: setting("ris and partid", {
    meaning: "over which time the use of bandwidth is compared with its limits",
    fields: { US_FRAC: "part of a microsecond, in units of 1/256", US_INT: "whole microseconds" },
  }),
  MPAMCFG_MBW_PROP: setting("ris and partid", {
    meaning: "the share of bandwidth that the PARTID gets where several want it",
    fields: {
      STRIDEM1: "its stride, less one: twice the stride, half the share",
      EN: "whether its share goes by the stride",
    },
  }),
  MPAMCFG_MBW_PBM: setting("ris and partid", {
    meaning: "which portions of the bandwidth the PARTID may use; 32 portions a register",
    fields: { P: "a bit for each portion; one that several may use is divided among them" },
  }),
  MPAMCFG_PRI: setting("ris and partid", {
    meaning: "who goes first where several wait",
    fields: {
      INTPRI: "the priority within this MSC, in the low bits of the field",
      DSPRI: "the priority that requests bring to the next MSC, in the low bits of the field",
    },
  }),
  MPAMCFG_EN: {
    group: "configuration",
    access: "WO",
    selection: "none",
    meaning: "writing a PARTID here enables it; MPAMCFG_PART_SEL plays no part",
    fields: { PARTID: "which one" },
    written: "the settings that it had before count again; reads answer 0",
  },
  MPAMCFG_DIS: {
    group: "configuration",
    access: "WO",
    selection: "none",
    meaning: "writing a PARTID here disables it: it fills no cache, and waits for everybody",
    fields: { PARTID: "which one", NFU: "its settings are no longer needed and may be forgotten" },
    values: { NFU: ["keep settings", "may forget"] },
    written: "lines that it holds are the first to go; reads answer 0",
  },
  MPAMCFG_EN_FLAGS: setting("partid", {
    meaning: "which of 32 PARTIDs are enabled; the selected one is among them",
    fields: { EN: "bit x stands for the PARTID x above the selected one rounded down to 32" },
  }),
  MPAMCFG_INTPARTID: setting("partid", {
    meaning: "with narrowing: under which internal PARTID the selected one finds its settings",
    fields: {
      INTPARTID: "the internal PARTID",
      INTERNAL: "has to be written as 1, or nothing is changed and an error is recorded",
    },
  }),
  MPAMCFG_IN_TL: setting("partid", {
    meaning: "what the selected PARTID becomes on its way in",
    fields: TABLE,
  }),
  MPAMCFG_IN_TL_BASE: setting("none", {
    meaning: "on the way in: the bits that a PARTID without an entry gets",
    fields: { BASE: "bits above the mask are taken from here" },
  }),
  MPAMCFG_IN_TL_MASK: setting("none", {
    meaning: "on the way in: how many bits a PARTID without an entry keeps",
    fields: { MASK_WD: "so many low bits stay as they are" },
  }),
  MPAMCFG_OUT_TL: setting("partid", {
    meaning: "what the selected PARTID becomes on its way out",
    fields: TABLE,
  }),
  MPAMCFG_OUT_TL_BASE: setting("none", {
    meaning: "on the way out: the bits that a PARTID without an entry gets",
    fields: { BASE: "bits above the mask are taken from here" },
  }),
  MPAMCFG_OUT_TL_MASK: setting("none", {
    meaning: "on the way out: how many bits a PARTID without an entry keeps",
    fields: { MASK_WD: "so many low bits stay as they are" },
  }),
};
