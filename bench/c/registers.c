// The registers of one MSC: a struct for what it keeps, and a switch on the offset.
//   calls  a function call for each access
//   batch  accesses in a buffer of the module's layout; what is read takes its place there
// arguments: list (0 driver, 1 random), passes over the list per turn, seed, accesses of the random list
#include "twin.h"

enum {
  MPAMF_IDR = 0x0000,
  MPAMF_IIDR = 0x0018,
  MPAMF_AIDR = 0x0020,
  MPAMF_CPOR_IDR = 0x0030,
  MPAMF_CCAP_IDR = 0x0038,
  MPAMF_MBW_IDR = 0x0040,
  MPAMF_MSMON_IDR = 0x0080,
  MPAMF_CSUMON_IDR = 0x0088,
  MPAMF_MBWUMON_IDR = 0x0090,
  MPAMF_ESR = 0x00f8,
  MPAMCFG_PART_SEL = 0x0100,
  MPAMCFG_CMAX = 0x0108,
  MPAMCFG_MBW_MAX = 0x0208,
  MSMON_CFG_MON_SEL = 0x0800,
  MSMON_CFG_CSU_FLT = 0x0810,
  MSMON_CFG_CSU_CTL = 0x0818,
  MSMON_CFG_MBWU_FLT = 0x0820,
  MSMON_CFG_MBWU_CTL = 0x0828,
  MSMON_CSU = 0x0840,
  MSMON_MBWU = 0x0860,
  MSMON_MBWU_L = 0x0880,
  MPAMCFG_CPBM = 0x1000,
};

// The part (bench/register-accesses.ts).
enum { PARTID_MAX = 63, PMG_MAX = 3, CPBM_WD = 40, CMAX_WD = 12, BWA_WD = 8, CSU_MONITORS = 16, MBWU_MONITORS = 64 };

#define AIDR 0x11u
#define IIDR 0x1230043bu
#define IDR (0x57000000u | PMG_MAX << 16 | PARTID_MAX) // CCAP, CPOR, MBW, EXT, MSMON
#define IDR_HI 0x000000c0u                             // HAS_EXTD_ESR, HAS_ESR
#define MBW_IDR (0x00000800u | BWA_WD)                 // HAS_MAX
#define MSMON_IDR 0x00030000u                          // CSU, MBWU
#define MBWUMON_IDR (0x50000000u | MBWU_MONITORS)      // HAS_LONG, HAS_RWBW

#define CPBM_LAST_WORD ((1u << CPBM_WD % 32) - 1)
#define CMAX_MASK (0xffffu << (16 - CMAX_WD) & 0xffffu)
#define MAX_MASK (0xffffu << (16 - BWA_WD) & 0xffffu)
#define HARDLIM 0x80000000u
#define TYPE_CSU 0x43u
#define TYPE_MBWU 0x42u
#define CSU_CTL_MASK 0x80030000u  // EN, MATCH_PMG, MATCH_PARTID
#define MBWU_CTL_MASK 0x8703c000u // and OFLOW_STATUS, OFLOW_INTR, OFLOW_FRZ, OFLOW_STATUS_L, OFLOW_INTR_L
#define OFLOW_STATUS 0x04000000u
#define OFLOW_STATUS_L 0x00008000u
#define CSU_FLT_MASK 0x00ffffffu
#define MBWU_FLT_MASK 0xc0ffffffu
#define VALUE_MASK 0x7fffffffu
#define VALUE_L_HI_MASK 0x80000fffu // NRDY and 44 bits
#define ESR_MASK 0x8fffffffu
#define ESR_OVRWR 0x80000000u
#define ESR_ERRCODE 0x0f000000u

enum { PARTID_SEL_RANGE = 1, MSMONCFG_ID_RANGE = 3, MONITOR_RANGE = 5 };

struct settings {
  uint32_t cpbm[2], cmax, mbw_max;
};

struct csu {
  uint32_t ctl, flt, value;
};

struct mbwu {
  uint32_t ctl, flt, value, value_l, value_l_hi;
};

struct bank {
  uint32_t part_sel, mon_sel, esr;
  struct settings settings[PARTID_MAX + 1];
  struct csu csu[CSU_MONITORS];
  struct mbwu mbwu[MBWU_MONITORS];
};

enum { MSCS = 256, SPACES = 4, NS = 1 };

/** By MSC and address space; NULL where there is none. */
static struct bank *banks[MSCS][SPACES];

static void record(struct bank *b, uint32_t code, uint32_t partid_or_mon, uint32_t pmg) {
  uint32_t overwritten = b->esr & ESR_ERRCODE ? ESR_OVRWR : b->esr & ESR_OVRWR;
  b->esr = overwritten | code << 24 | pmg << 16 | partid_or_mon;
}

/** NULL under a PARTID out of range: that was recorded when it was selected. */
static inline struct settings *selected_settings(struct bank *b) {
  return b->part_sel <= PARTID_MAX ? &b->settings[b->part_sel] : NULL;
}

/** MON_SEL reaches as far as there are MBWU monitors; there are fewer CSU monitors. */
static inline struct csu *selected_csu(struct bank *b) {
  if (b->mon_sel < CSU_MONITORS) return &b->csu[b->mon_sel];
  record(b, MONITOR_RANGE, b->mon_sel, 0);
  return NULL;
}

static inline struct mbwu *selected_mbwu(struct bank *b) { return &b->mbwu[b->mon_sel]; }

static uint32_t read_register(struct bank *b, uint32_t offset) {
  const struct settings *s;
  const struct csu *csu;
  switch (offset) {
  case MPAMF_IDR: return IDR;
  case MPAMF_IDR + 4: return IDR_HI;
  case MPAMF_IIDR: return IIDR;
  case MPAMF_AIDR: return AIDR;
  case MPAMF_CPOR_IDR: return CPBM_WD;
  case MPAMF_CCAP_IDR: return CMAX_WD;
  case MPAMF_MBW_IDR: return MBW_IDR;
  case MPAMF_MSMON_IDR: return MSMON_IDR;
  case MPAMF_CSUMON_IDR: return CSU_MONITORS;
  case MPAMF_MBWUMON_IDR: return MBWUMON_IDR;
  case MPAMF_ESR: return b->esr;
  case MPAMCFG_PART_SEL: return b->part_sel;
  case MPAMCFG_CMAX: return (s = selected_settings(b)) ? s->cmax : 0;
  case MPAMCFG_MBW_MAX: return (s = selected_settings(b)) ? s->mbw_max : 0;
  case MPAMCFG_CPBM: return (s = selected_settings(b)) ? s->cpbm[0] : 0;
  case MPAMCFG_CPBM + 4: return (s = selected_settings(b)) ? s->cpbm[1] : 0;
  case MSMON_CFG_MON_SEL: return b->mon_sel;
  case MSMON_CFG_CSU_FLT: return (csu = selected_csu(b)) ? csu->flt : 0;
  case MSMON_CFG_CSU_CTL: return (csu = selected_csu(b)) ? csu->ctl : 0;
  case MSMON_CSU: return (csu = selected_csu(b)) ? csu->value : 0;
  case MSMON_CFG_MBWU_FLT: return selected_mbwu(b)->flt;
  case MSMON_CFG_MBWU_CTL: return selected_mbwu(b)->ctl;
  case MSMON_MBWU: return selected_mbwu(b)->value;
  case MSMON_MBWU_L: return selected_mbwu(b)->value_l;
  case MSMON_MBWU_L + 4: return selected_mbwu(b)->value_l_hi;
  default: return 0;
  }
}

static void check_filter(struct bank *b, uint32_t value) {
  uint32_t partid = value & 0xffff, pmg = value >> 16 & 0xff;
  if (partid > PARTID_MAX || pmg > PMG_MAX) record(b, MSMONCFG_ID_RANGE, partid, pmg);
}

static void write_register(struct bank *b, uint32_t offset, uint32_t value) {
  struct settings *s;
  struct csu *csu;
  struct mbwu *mbwu;
  switch (offset) {
  case MPAMF_ESR: b->esr = value & ESR_MASK; break;
  case MPAMCFG_PART_SEL:
    b->part_sel = value & 0xffff;
    if (b->part_sel > PARTID_MAX) record(b, PARTID_SEL_RANGE, b->part_sel, 0);
    break;
  case MPAMCFG_CMAX:
    if ((s = selected_settings(b))) s->cmax = value & CMAX_MASK;
    break;
  case MPAMCFG_MBW_MAX:
    if ((s = selected_settings(b))) s->mbw_max = value & (MAX_MASK | HARDLIM);
    break;
  case MPAMCFG_CPBM:
    if ((s = selected_settings(b))) s->cpbm[0] = value;
    break;
  case MPAMCFG_CPBM + 4:
    if ((s = selected_settings(b))) s->cpbm[1] = value & CPBM_LAST_WORD;
    break;
  case MSMON_CFG_MON_SEL:
    value &= 0xffff;
    if (value < MBWU_MONITORS) b->mon_sel = value;
    else record(b, MONITOR_RANGE, value, 0);
    break;
  case MSMON_CFG_CSU_FLT:
    if (!(csu = selected_csu(b))) break;
    csu->flt = value & CSU_FLT_MASK;
    check_filter(b, value);
    break;
  case MSMON_CFG_CSU_CTL:
    if ((csu = selected_csu(b))) csu->ctl = (value & CSU_CTL_MASK) | TYPE_CSU;
    break;
  case MSMON_CSU:
    if ((csu = selected_csu(b))) csu->value = value & VALUE_MASK;
    break;
  case MSMON_CFG_MBWU_FLT:
    selected_mbwu(b)->flt = value & MBWU_FLT_MASK;
    check_filter(b, value);
    break;
  case MSMON_CFG_MBWU_CTL: selected_mbwu(b)->ctl = (value & MBWU_CTL_MASK) | TYPE_MBWU; break;
  case MSMON_MBWU:
    mbwu = selected_mbwu(b);
    mbwu->value = value;
    mbwu->ctl &= ~OFLOW_STATUS;
    break;
  case MSMON_MBWU_L:
    mbwu = selected_mbwu(b);
    mbwu->value_l = value;
    mbwu->ctl &= ~OFLOW_STATUS_L;
    break;
  case MSMON_MBWU_L + 4:
    mbwu = selected_mbwu(b);
    mbwu->value_l_hi = value & VALUE_L_HI_MASK;
    mbwu->ctl &= ~OFLOW_STATUS_L;
    break;
  }
}

static void power_on(struct bank *b) {
  for (uint32_t p = 0; p <= PARTID_MAX; p++) {
    b->settings[p] = (struct settings){{0xffffffffu, CPBM_LAST_WORD}, CMAX_MASK, MAX_MASK};
  }
  for (uint32_t m = 0; m < CSU_MONITORS; m++) b->csu[m].ctl = TYPE_CSU;
  for (uint32_t m = 0; m < MBWU_MONITORS; m++) b->mbwu[m].ctl = TYPE_MBWU;
}

// One call for one access.

static uint32_t __attribute__((noinline)) read32(uint32_t msc, uint32_t offset, uint32_t space) {
  struct bank *b = banks[msc][space];
  return b ? read_register(b, offset) : 0;
}

static void __attribute__((noinline)) write32(uint32_t msc, uint32_t offset, uint32_t value, uint32_t space) {
  struct bank *b = banks[msc][space];
  if (b) write_register(b, offset, value);
}

// One call for many.

struct access {
  uint32_t what, offset, value, value_hi;
};

enum { WRITE = 1 << 18, WIDE = 1 << 19, BUFFER = 4096 };

static void __attribute__((noinline)) batch(struct access *a, uint32_t n) {
  for (struct access *end = a + n; a < end; a++) {
    struct bank *b = banks[a->what & (MSCS - 1)][a->what >> 16 & (SPACES - 1)];
    if (a->what & WRITE) {
      if (!b) continue;
      write_register(b, a->offset, a->value);
      if (a->what & WIDE) write_register(b, a->offset + 4, a->value_hi);
    } else {
      a->value = b ? read_register(b, a->offset) : 0;
      if (a->what & WIDE) a->value_hi = b ? read_register(b, a->offset + 4) : 0;
    }
  }
}

// Turns.

static struct access *list, *buffer;
static uint32_t accesses, passes;

static inline uint32_t add_read(uint32_t sum, uint32_t value) { return sum * 31 + value; }

static uint32_t turn_calls(uint64_t *ns) {
  uint32_t sum = 0;
  uint64_t start = now_ns();
  for (uint32_t pass = 0; pass < passes; pass++) {
    for (const struct access *a = list, *end = list + accesses; a < end; a++) {
      if (a->what & WRITE) write32(0, a->offset, a->value, NS);
      else sum = add_read(sum, read32(0, a->offset, NS));
    }
  }
  *ns = now_ns() - start;
  return sum;
}

/** The clock runs during batches only. */
static uint32_t turn_batch(uint64_t *ns) {
  uint32_t sum = 0;
  for (uint32_t pass = 0; pass < passes; pass++) {
    for (uint32_t at = 0; at < accesses; at += BUFFER) {
      uint32_t n = accesses - at < BUFFER ? accesses - at : BUFFER;
      memcpy(buffer, list + at, n * sizeof *buffer);
      uint64_t start = now_ns();
      batch(buffer, n);
      *ns += now_ns() - start;
      for (uint32_t i = 0; i < n; i++) {
        if (!(buffer[i].what & WRITE)) sum = add_read(sum, buffer[i].value);
      }
    }
  }
  return sum;
}

static uint32_t turn(const char *contestant, uint64_t *ns) {
  return mix(strcmp(contestant, "batch") == 0 ? turn_batch(ns) : turn_calls(ns));
}

// The same lists as bench/register-accesses.ts.

enum { CONFIGURATIONS = 4, MOST_PER_CONFIGURATION = 2048 };

static void put(uint32_t what, uint32_t offset, uint32_t value) {
  list[accesses++] = (struct access){.what = what | NS << 16, .offset = offset, .value = value};
}

static void put_read(uint32_t offset) { put(0, offset, 0); }
static void put_write(uint32_t offset, uint32_t value) { put(WRITE, offset, value); }

static uint32_t filter(uint32_t word) { return (word & PARTID_MAX) | (word >> 6 & PMG_MAX) << 16; }

static const uint32_t id_registers[] = {
    MPAMF_IDR,      MPAMF_IDR + 4, MPAMF_AIDR,      MPAMF_IIDR,       MPAMF_CPOR_IDR,
    MPAMF_CCAP_IDR, MPAMF_MBW_IDR, MPAMF_MSMON_IDR, MPAMF_CSUMON_IDR, MPAMF_MBWUMON_IDR,
};
enum { ID_REGISTERS = sizeof id_registers / sizeof *id_registers };

#define EN 0x80000000u
#define MATCH 0x00030000u
#define FRZ_INTR 0x03000000u

static void csu_accesses(uint32_t mon, int changed, uint32_t wanted) {
  put_write(MSMON_CFG_MON_SEL, mon);
  put_read(MSMON_CFG_CSU_CTL);
  put_read(MSMON_CFG_CSU_FLT);
  if (changed) {
    put_write(MSMON_CFG_CSU_FLT, filter(wanted));
    put_write(MSMON_CFG_CSU_CTL, MATCH | TYPE_CSU);
    put_write(MSMON_CSU, 0);
    put_write(MSMON_CFG_CSU_CTL, EN | MATCH | TYPE_CSU);
  }
  put_read(MSMON_CSU);
}

static void mbwu_accesses(uint32_t mon, int changed, uint32_t wanted) {
  put_write(MSMON_CFG_MON_SEL, mon);
  put_read(MSMON_CFG_MBWU_CTL);
  put_read(MSMON_CFG_MBWU_FLT);
  if (changed) {
    put_write(MSMON_CFG_MBWU_FLT, filter(wanted));
    put_write(MSMON_CFG_MBWU_CTL, MATCH | TYPE_MBWU);
    put_write(MSMON_CFG_MBWU_CTL, EN | MATCH | TYPE_MBWU);
    put_write(MSMON_MBWU_L, 0);
    put_write(MSMON_MBWU_L + 4, 0);
  }
  put_read(MSMON_MBWU);
  put_read(MSMON_MBWU_L + 4);
  put_read(MSMON_MBWU_L);
  put_read(MSMON_MBWU_L + 4);
}

static void draw_driver(uint32_t seed) {
  for (uint32_t round = 0; round < CONFIGURATIONS; round++) {
    for (uint32_t partid = 0; partid <= PARTID_MAX; partid++) {
      uint32_t i = round * (PARTID_MAX + 1) + partid;
      put_write(MPAMCFG_PART_SEL, partid);
      put_write(MPAMCFG_CPBM, draw(seed, i, 0));
      put_write(MPAMCFG_CPBM + 4, draw(seed, i, 1));
      put_write(MPAMCFG_MBW_MAX, draw(seed, i, 2));
      put_write(MPAMCFG_CMAX, draw(seed, i, 3));
    }
    put_read(MPAMF_ESR);
    for (uint32_t mon = 0; mon < MBWU_MONITORS; mon++) {
      uint32_t wanted = draw(seed, round * MBWU_MONITORS + mon, 4);
      int changed = round == 0 || wanted >> 31;
      if (mon < CSU_MONITORS) csu_accesses(mon, changed, wanted);
      mbwu_accesses(mon, changed, wanted);
    }
    put_read(MPAMF_ESR);
    for (uint32_t i = 0; i < ID_REGISTERS; i++) put_read(id_registers[i]);
  }
}

static const uint32_t random_registers[] = {
    MPAMCFG_PART_SEL,   MPAMCFG_CPBM,       MPAMCFG_CPBM + 4, MPAMCFG_MBW_MAX,  MPAMCFG_CMAX,
    MSMON_CFG_MON_SEL,  MSMON_CFG_CSU_CTL,  MSMON_CFG_CSU_FLT, MSMON_CSU,       MSMON_CFG_MBWU_CTL,
    MSMON_CFG_MBWU_FLT, MSMON_MBWU,         MSMON_MBWU_L,     MSMON_MBWU_L + 4, MPAMF_ESR,
};
enum { RANDOM_REGISTERS = sizeof random_registers / sizeof *random_registers };

static uint32_t legal(uint32_t offset, uint32_t word) {
  switch (offset) {
  case MPAMCFG_PART_SEL: return word & PARTID_MAX;
  case MSMON_CFG_MON_SEL: return word % CSU_MONITORS;
  case MSMON_CFG_CSU_CTL: return word & (EN | MATCH);
  case MSMON_CFG_CSU_FLT: return filter(word);
  case MSMON_CSU: return 0;
  case MSMON_CFG_MBWU_CTL: return word & (EN | MATCH | FRZ_INTR);
  case MSMON_CFG_MBWU_FLT: return filter(word) | (word & 0xc0000000u);
  default: return word;
  }
}

static void draw_random(uint32_t seed, uint32_t wanted) {
  for (uint32_t i = 0; i < wanted; i++) {
    uint32_t kind = draw(seed, i, 5), target = (kind >> 1) % (RANDOM_REGISTERS + ID_REGISTERS);
    int id = target >= RANDOM_REGISTERS;
    uint32_t offset = id ? id_registers[target - RANDOM_REGISTERS] : random_registers[target];
    if (kind & 1 && !id && offset != MPAMF_ESR) put_write(offset, legal(offset, draw(seed, i, 6)));
    else put_read(offset);
  }
}

int main(int argc, char **argv) {
  uint32_t random = argument(argc, argv, 1);
  passes = argument(argc, argv, 2);
  uint32_t seed = argument(argc, argv, 3);
  uint32_t wanted = argument(argc, argv, 4);
  struct bank *ns = must_alloc(sizeof *ns);
  power_on(ns);
  banks[0][NS] = ns;
  list = must_alloc((random ? wanted : CONFIGURATIONS * MOST_PER_CONFIGURATION) * sizeof *list);
  buffer = must_alloc(BUFFER * sizeof *buffer);
  if (random) draw_random(seed, wanted);
  else draw_driver(seed);
  return serve_turns(turn);
}
