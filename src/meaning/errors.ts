// Errors, and the interrupts that tell of errors and overflows: MPAMF_ECR, MPAMF_ESR, MSMON_OFLOW_SR and the two sets of MSI registers.

import type { FieldsMeaning, RegisterMeaning, RegisterMeanings } from "./meaning.ts";

function errors(rest: FieldsMeaning & Partial<RegisterMeaning>): RegisterMeaning {
  return { group: "errors and interrupts", access: "RW", selection: "none", ...rest };
}

/** MemAttr of stage 2: from the device kind that allows least, to memory that is cached all the way. */
const MEMORY = {
  0: "Device-nGnRnE",
  1: "Device-nGnRE",
  2: "Device-nGRE",
  3: "Device-GRE",
  5: "outer and inner not cached",
  6: "outer not cached, inner write-through",
  7: "outer not cached, inner write-back",
  9: "outer write-through, inner not cached",
  10: "outer and inner write-through",
  11: "outer write-through, inner write-back",
  13: "outer write-back, inner not cached",
  14: "outer write-back, inner write-through",
  15: "outer and inner write-back",
};

/** The five registers of one MSI; `of` is what it tells of. */
function msi(prefix: string, of: string): RegisterMeanings {
  return {
    [`${prefix}_MPAM`]: errors({
      meaning: `the label that the write that tells of ${of} carries itself`,
      fields: { PARTID: "its PARTID, in the address space of this page", PMG: "its PMG" },
    }),
    [`${prefix}_ADDR_L`]: errors({
      meaning: `where the write that tells of ${of} goes: the low half of the address`,
      fields: { MSI_ADDR_L: "bits 31 to 2; it is a whole word, so bits 1 and 0 are 0" },
    }),
    [`${prefix}_ADDR_H`]: errors({
      meaning: `where the write that tells of ${of} goes: the high half of the address`,
      fields: { MSI_ADDR_H: "bits 51 to 32" },
    }),
    [`${prefix}_DATA`]: errors({
      meaning: `the word that is written to tell of ${of}`,
      fields: { MSI_DATA: "an interrupt controller takes it as the number of the interrupt" },
    }),
    [`${prefix}_ATTR`]: errors({
      meaning: `whether a write to memory tells of ${of}, and as what kind of access`,
      fields: {
        MSIEN: "a write tells of it, and the wire stays quiet; else the wire",
        MSI_MEMATTR: "the kind of memory that is written",
        MSI_SH: "with whom that memory is shared; no matter for device memory",
      },
      values: {
        MSIEN: ["by wire", "by a write"],
        MSI_MEMATTR: MEMORY,
        MSI_SH: ["not shared", "reserved", "outer shareable", "inner shareable"],
      },
    }),
  };
}

export const ERRORS: RegisterMeanings = {
  MPAMF_ECR: errors({
    meaning: "whether errors interrupt",
    fields: { INTEN: "errors interrupt; they are recorded either way" },
    values: { INTEN: ["recorded only", "interrupt"] },
  }),
  MPAMF_ESR: errors({
    meaning: "the last error: what went wrong, and for whom",
    fields: {
      PARTID_MON: "the PARTID or the number of the monitor that it was about; 0 where there is none",
      PMG: "the PMG that it was about; 0 where there is none",
      ERRCODE: "what went wrong",
      OVRWR: "an earlier error was lost, because nobody had cleared it",
      RIS: "the resource that was selected",
    },
    values: {
      ERRCODE: [
        "no error",
        "PART_SEL names a PARTID out of range",
        "a request has a PARTID out of range",
        "a filter has a PARTID or PMG out of range",
        "a request has a PMG out of range",
        "MON_SEL names no monitor",
        "an internal PARTID is out of range or was needed",
        "INTERNAL is set where it must not be",
        "PART_SEL names no resource",
        "the resource lacks that control",
        "MON_SEL names no resource",
        "the resource lacks that monitor",
        "reserved",
        "reserved",
        "reserved",
        "reserved",
      ],
      OVRWR: ["one at most", "some were lost"],
    },
    written: "clear it by writing 0 to ERRCODE and OVRWR; that lowers the interrupt too",
  }),
  ...msi("MPAMF_ERR_MSI", "an error"),
  ...msi("MSMON_OFLOW_MSI", "an overflow"),
  MSMON_OFLOW_SR: errors({
    access: "RO",
    meaning: "which monitors have overflowed, at one look: what kinds, of which resources",
    fields: {
      RIS_PND: "bit x: a monitor of RIS x has overflowed",
      CSA_OFLOW_PND: "a monitor of cache allocation has",
      MBWU_OFLOW_PND: "a monitor of bandwidth has",
      CSU_OFLOW_PND: "a monitor of cache usage has",
    },
    values: { CSA_OFLOW_PND: ["no", "yes"], MBWU_OFLOW_PND: ["no", "yes"], CSU_OFLOW_PND: ["no", "yes"] },
  }),
};
