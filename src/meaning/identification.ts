// MPAMF_*IDR: what an MSC says of itself. None of it changes while the machine runs.

import type { FieldsMeaning, RegisterMeaning, RegisterMeanings, Selection } from "./meaning.ts";

function id(selection: Selection, rest: FieldsMeaning): RegisterMeaning {
  return { group: "identification", access: "RO", selection, ...rest };
}

const TRANSLATION = {
  HAS_BASE_MASK: "PARTIDs without an entry of their own are translated by a base and a mask",
  HAS_DIRECT_TL: "there is a table with an entry for each PARTID",
};

export const IDENTIFICATION: RegisterMeanings = {
  MPAMF_IDR: id("ris", {
    meaning: "what this MSC can do: how many labels it knows, and which controls and monitors it has",
    fields: {
      PARTID_MAX: "the largest PARTID that settings can be kept for",
      PMG_MAX: "the largest PMG that monitors can tell apart",
      HAS_CCAP_PART: "how much of the cache a PARTID holds can be limited (CMAX, CMIN, CASSOC)",
      HAS_CPOR_PART: "the cache has portions, and a bitmap says who may fill which",
      HAS_MBW_PART: "memory bandwidth can be divided",
      HAS_PRI_PART: "requests of a PARTID can be given a priority",
      EXT: "the register has 64 bits; version 1.0 has only the low 32",
      HAS_IMPL_IDR: "there are features of the maker's own, described in MPAMF_IMPL_IDR",
      HAS_MSMON: "there are monitors, described in MPAMF_MSMON_IDR",
      HAS_PARTID_NRW: "many PARTIDs can share the settings of a few internal ones (narrowing)",
      HAS_RIS: "the MSC has several resources behind one page; selectors have a RIS field",
      NO_IMPL_PART: "the features of the maker's own include no control",
      NO_IMPL_MSMON: "the features of the maker's own include no monitor",
      HAS_EXTD_ESR: "MPAMF_ESR has 64 bits and says which RIS an error was about",
      HAS_ESR: "errors are recorded in MPAMF_ESR and can interrupt",
      HAS_ERR_MSI: "errors can interrupt by a write to memory (MSI)",
      SP4: "PARTIDs exist in four address spaces, Root and Realm too; else in two",
      HAS_ENDIS: "a PARTID can be disabled, and enabled again",
      HAS_NFU: "on disabling, software can say that the settings may be forgotten",
      HAS_IN_TL: "PARTIDs of requests that come in can be translated",
      HAS_OUT_TL: "PARTIDs of requests that go on can be translated",
      HAS_DEFAULT_PARTID: "there are settings for requests whose PARTID is out of range",
      RIS_MAX: "the largest RIS; not every number below it needs to be there",
    },
    values: { EXT: ["32 bits", "64 bits"], SP4: ["two spaces", "four spaces"] },
  }),
  MPAMF_SIDR: id("none", {
    meaning: "how many labels there are in the Secure address space; seen in its page only",
    fields: { S_PARTID_MAX: "the largest Secure PARTID", S_PMG_MAX: "the largest Secure PMG" },
  }),
  MPAMF_IIDR: id("none", {
    meaning: "who made the MSC, and which model of it this is; drivers find errata by it",
    fields: {
      Implementer: "the maker, by its JEP106 code: 0x43b is Arm",
      Revision: "small changes of the product",
      Variant: "large changes of the product",
      ProductID: "the product, by a number that its maker chose",
    },
    values: { Implementer: { 0: "not said", 1083: "Arm" } },
  }),
  MPAMF_AIDR: id("none", {
    meaning: "the version of the MPAM architecture that the MSC follows",
    fields: { ArchMinorRev: "the number behind the point", ArchMajorRev: "the number before the point" },
  }),
  MPAMF_IMPL_IDR: id("ris", {
    meaning: "features of the maker's own; what the bits mean stands in its manual",
    fields: { IMPLFEAT: "the maker decides what this says" },
  }),
  MPAMF_CPOR_IDR: id("ris", {
    meaning: "into how many portions the cache can be divided",
    fields: { CPBM_WD: "how many portions there are: so many bits of MPAMCFG_CPBM count" },
  }),
  MPAMF_CCAP_IDR: id("ris", {
    meaning: "which limits on the amount of cache there are, and how finely they can be set",
    fields: {
      CMAX_WD: "how many bits of CMAX and CMIN count: with 8, a step is 1/256 of the cache",
      CASSOC_WD: "how many bits of CASSOC count",
      HAS_CASSOC: "the ways that a PARTID holds in a set can be limited",
      HAS_CMIN: "a PARTID can be promised a least amount of the cache",
      NO_CMAX: "there is no CMAX, only what the other bits say",
      HAS_CMAX_SOFTLIM: "CMAX can be soft: over it, room that nobody needs may still be taken",
    },
    values: { NO_CMAX: ["CMAX is there", "no CMAX"] },
  }),
  MPAMF_MBW_IDR: id("ris", {
    meaning: "which ways of dividing bandwidth there are, and how finely they can be set",
    fields: {
      BWA_WD: "how many bits of MIN, MAX and STRIDEM1 count: with 7, a step is 1/128",
      MAX_LIM: "whether MBW_MAX limits hard, softly, or as its HARDLIM says",
      HAS_MIN: "a PARTID can be promised a least bandwidth",
      HAS_MAX: "the bandwidth of a PARTID can be limited",
      HAS_PBM: "bandwidth has portions, and a bitmap says who may use which",
      HAS_PROP: "bandwidth can be shared in proportion",
      WINDWR: "software may set over which time limits are kept",
      BWPBM_WD: "how many portions of bandwidth there are",
    },
    values: { MAX_LIM: ["software chooses", "soft only", "hard only", "reserved"], WINDWR: ["fixed", "writable"] },
  }),
  MPAMF_PRI_IDR: id("ris", {
    meaning: "which priorities there are, how many, and which end is high",
    fields: {
      HAS_INTPRI: "requests have a priority within this MSC",
      INTPRI_0_IS_LOW: "whether 0 is the lowest internal priority or the highest",
      INTPRI_WD: "how many bits an internal priority has",
      HAS_DSPRI: "requests that go on carry a priority to the next MSC",
      DSPRI_0_IS_LOW: "whether 0 is the lowest downstream priority or the highest",
      DSPRI_WD: "how many bits a downstream priority has",
    },
    values: { INTPRI_0_IS_LOW: ["0 is highest", "0 is lowest"], DSPRI_0_IS_LOW: ["0 is highest", "0 is lowest"] },
  }),
  MPAMF_PARTID_NRW_IDR: id("none", {
    meaning: "how many internal PARTIDs the PARTIDs of requests are narrowed to",
    fields: { INTPARTID_MAX: "the largest internal PARTID" },
  }),
  MPAMF_MSMON_IDR: id("ris", {
    meaning: "which kinds of monitors there are, and how they tell of an overflow",
    fields: {
      MSMON_CSU: "there are monitors of cache storage usage",
      MSMON_MBWU: "there are monitors of memory bandwidth usage",
      MSMON_CSA: "there are monitors of cache storage allocation",
      HAS_TL_MONITORING: "whether monitors see PARTIDs before, between or after translation",
      HAS_OFLOW_SR: "MSMON_OFLOW_SR says at one look whether anything has overflowed",
      HAS_OFLW_MSI: "overflows can interrupt by a write to memory (MSI)",
      NO_HW_OFLW_INTR: "there is no wire for overflow interrupts",
      HAS_LOCAL_CAPT_EVNT: "software can capture monitors by a write to MSMON_CAPT_EVNT",
    },
    values: {
      MSMON_CSU: ["no", "yes"],
      MSMON_MBWU: ["no", "yes"],
      MSMON_CSA: ["no", "yes"],
      HAS_TL_MONITORING: ["between in and out", "before the way in", "after the way out", "reserved"],
      NO_HW_OFLW_INTR: ["wired", "no wire"],
    },
  }),
  MPAMF_CSUMON_IDR: id("ris", {
    meaning: "how many monitors of cache usage there are, and what they can do",
    fields: {
      NUM_MON: "how many there are: MON_SEL goes from 0 to one less",
      NO_MATCH_PMG: "they cannot look for one PMG",
      NO_MATCH_PARTID: "they cannot look for one PARTID",
      HAS_OFLOW_CAPT: "an overflow can capture the value",
      HAS_CEVNT_OFLW: "a capture event can be taken as an overflow",
      HAS_OFSR: "MSMON_CSU_OFSR shows overflows of 32 monitors at once",
      HAS_OFLOW_LNKG: "an overflow can raise a capture event for other monitors",
      HAS_XCL: "they can leave clean lines out and count dirty ones only",
      CSU_RO: "software cannot write the value",
      HAS_CAPTURE: "values can be captured, to be read later as they were",
    },
    values: { NO_MATCH_PMG: ["they can", "they cannot"], NO_MATCH_PARTID: ["they can", "they cannot"] },
  }),
  MPAMF_MBWUMON_IDR: id("ris", {
    meaning: "how many monitors of bandwidth there are, how wide they count, and what they can do",
    fields: {
      NUM_MON: "how many there are: MON_SEL goes from 0 to one less",
      SCALE: "by how many bits the short counter is shifted down when SCLEN is set",
      NO_MATCH_PMG: "they cannot look for one PMG",
      NO_MATCH_PARTID: "they cannot look for one PARTID",
      HAS_OFLOW_CAPT: "an overflow can capture the value",
      HAS_CEVNT_OFLW: "a capture event can be taken as an overflow",
      HAS_OFSR: "MSMON_MBWU_OFSR shows overflows of 32 monitors at once",
      HAS_OFLOW_LNKG: "an overflow can raise a capture event for other monitors",
      HAS_RWBW: "they can count reads only, or writes only",
      LWD: "whether the long counter has 44 or 63 bits",
      HAS_LONG: "there is a long counter, MSMON_MBWU_L, beside that of 31 bits",
      HAS_CAPTURE: "values can be captured, to be read later as they were",
    },
    values: {
      NO_MATCH_PMG: ["they can", "they cannot"],
      NO_MATCH_PARTID: ["they can", "they cannot"],
      LWD: ["44 bits", "63 bits"],
    },
  }),
  MPAMF_IN_TL_IDR: id("none", {
    meaning: "how PARTIDs of requests that come in can be translated",
    fields: { IN_PARTID_MAX: "the largest PARTID that can come in", ...TRANSLATION },
  }),
  MPAMF_OUT_TL_IDR: id("none", {
    meaning: "how PARTIDs of requests that go on can be translated",
    fields: { OUT_PARTID_MAX: "the largest PARTID that can go on", ...TRANSLATION },
  }),
};
