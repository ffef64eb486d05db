/* SPDX-License-Identifier: Apache-2.0
 *
 * Register smoke test: what a program sees that pokes every MSC of a board, bank by bank. Prints a line for each bank and ends
 * with 1 when something is not as the architecture has it.
 *
 *   smoke            tests every board that was linked in
 *   smoke --rate     then measures accesses and requests a second
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "all-boards.h"
#include "mpam.h"
#include "mpam_regs.h"

#define LINE UINT32_C(64)

/* What the board has told. */
typedef struct heard {
  unsigned raised[2];
  unsigned msis[2];
  uint64_t msi_address;
  uint32_t msi_data;
  uint32_t line;
  int level;
} heard;

/* A bank of registers: an MSC as one address space sees it. */
typedef struct bank {
  mpam_t *m;
  const mpam_msc_info *info;
  uint32_t msc;
  uint32_t space;
  mpam_attrs attrs;
  /* MPAMF_IDR of the RIS that is looked at: both words. */
  uint32_t idr;
  uint32_t idr_hi;
  heard *heard;
} bank;

static unsigned failures;
static unsigned checks;

static void expect(const bank *b, uint64_t found, uint64_t right, const char *what) {
  checks++;
  if (found == right) return;
  failures++;
  printf("FAIL %s, space %u: %s is 0x%llx, and 0x%llx would be right\n", b->info->name, (unsigned)b->space, what,
         (unsigned long long)found, (unsigned long long)right);
}

/* For results of the library itself. */
static void must(const bank *b, int result, const char *what) {
  if (result >= 0) return;
  printf("FAIL %s, space %u: %s: %s\n", b->info->name, (unsigned)b->space, what, mpam_why(b->m));
  exit(1);
}

static uint32_t get(const bank *b, uint32_t offset) {
  uint64_t value = 0;
  must(b, mpam_read(b->m, b->info->base + offset, 4, b->attrs, &value), "a read");
  return (uint32_t)value;
}

static void set(const bank *b, uint32_t offset, uint32_t value) {
  must(b, mpam_write(b->m, b->info->base + offset, 4, b->attrs, value), "a write");
}

static void on_irq(void *opaque, uint32_t line, int level) {
  heard *h = opaque;
  h->line = line;
  h->level = level;
}

static void on_interrupt(void *opaque, const mpam_interrupt *i) {
  heard *h = opaque;
  if (i->delivery == MPAM_DELIVERY_MSI) {
    h->msis[i->kind]++;
    h->msi_address = i->address;
    h->msi_data = i->data;
  } else if (i->level) h->raised[i->kind]++;
}

/* --- Identification --- */

static uint32_t ris_max(const bank *b) {
  return b->idr_hi & MPAM_IDR_HI_HAS_RIS ? MPAM_FIELD_GET(MPAM_IDR_HI_RIS_MAX, b->idr_hi) : 0;
}

/* Settings of intPARTIDs are reached by their own numbers where PARTIDs are narrowed. */
static uint32_t selector(const bank *b, uint32_t ris, uint32_t partid) {
  uint32_t internal = b->idr & MPAM_IDR_HAS_PARTID_NRW ? MPAM_PART_SEL_INTERNAL : 0;
  return MPAM_FIELD_PREP(MPAM_PART_SEL_RIS, ris) | internal | partid;
}

static void look_at(bank *b, uint32_t ris) {
  set(b, MPAM_OFFSET_MPAMCFG_PART_SEL, MPAM_FIELD_PREP(MPAM_PART_SEL_RIS, ris));
  b->idr = get(b, MPAM_OFFSET_MPAMF_IDR);
  b->idr_hi = b->idr & MPAM_IDR_EXT ? get(b, MPAM_OFFSET_MPAMF_IDR + 4) : 0;
}

static uint32_t last_partid(const bank *b) {
  if (b->idr & MPAM_IDR_HAS_PARTID_NRW) {
    return MPAM_FIELD_GET(MPAM_PARTID_NRW_IDR_INTPARTID_MAX, get(b, MPAM_OFFSET_MPAMF_PARTID_NRW_IDR));
  }
  return MPAM_FIELD_GET(MPAM_IDR_PARTID_MAX, b->idr);
}

/* --- Portions: bits past CPBM_WD read as zero, those below it as they were written --- */

static unsigned test_portions(bank *b, uint32_t ris) {
  uint32_t partids[] = {0, 1, last_partid(b)};
  uint32_t width;
  if (!(b->idr & MPAM_IDR_HAS_CPOR_PART)) return 0;
  width = MPAM_FIELD_GET(0xffffu, get(b, MPAM_OFFSET_MPAMF_CPOR_IDR));
  for (size_t i = 0; i < sizeof partids / sizeof *partids; i++) {
    set(b, MPAM_OFFSET_MPAMCFG_PART_SEL, selector(b, ris, partids[i]));
    for (uint32_t word = 0; word <= width / 32; word++) {
      uint32_t left = width - 32 * word;
      uint32_t there = left >= 32 ? UINT32_MAX : (UINT32_C(1) << left) - 1;
      uint32_t offset = MPAM_OFFSET_MPAMCFG_CPBM + 4 * word;
      set(b, offset, UINT32_MAX);
      expect(b, get(b, offset), there, "MPAMCFG_CPBM after all ones");
      set(b, offset, 0x5a5a5a5a);
      expect(b, get(b, offset), 0x5a5a5a5a & there, "MPAMCFG_CPBM after 0x5a5a5a5a");
      set(b, offset, UINT32_MAX);
    }
  }
  return width;
}

/* --- Errors: a PARTID that is out of range is recorded, and told --- */

static bool test_error(bank *b) {
  uint32_t beyond = MPAM_FIELD_GET(MPAM_IDR_PARTID_MAX, b->idr) + 1;
  uint32_t esr;
  heard *h = b->heard;
  if ((b->idr & MPAM_IDR_EXT && !(b->idr_hi & MPAM_IDR_HI_HAS_ESR)) || beyond > 0xffff) return false;
  set(b, MPAM_OFFSET_MPAMF_ESR, 0);
  set(b, MPAM_OFFSET_MPAMF_ECR, MPAM_ECR_INTEN);
  memset(h, 0, sizeof *h);
  set(b, MPAM_OFFSET_MPAMCFG_PART_SEL, beyond);
  /* Some parts look at a selector when it is used. */
  if (b->idr & MPAM_IDR_HAS_PARTID_NRW) get(b, MPAM_OFFSET_MPAMCFG_INTPARTID);
  else if (b->idr & MPAM_IDR_HAS_CPOR_PART) get(b, MPAM_OFFSET_MPAMCFG_CPBM);
  else if (b->idr & MPAM_IDR_HAS_MBW_PART) get(b, MPAM_OFFSET_MPAMCFG_MBW_MAX);
  esr = get(b, MPAM_OFFSET_MPAMF_ESR);
  expect(b, MPAM_FIELD_GET(MPAM_ESR_ERRCODE, esr), MPAM_ERRCODE_PARTID_SEL_RANGE, "MPAMF_ESR.ERRCODE");
  expect(b, MPAM_FIELD_GET(MPAM_ESR_PARTID_MON, esr), beyond, "MPAMF_ESR.PARTID_MON");
  expect(b, h->raised[MPAM_EVENT_ERROR] > 0, 1, "the error interrupt");
  if (b->info->error_line != 0) expect(b, h->line, b->info->error_line, "its line");
  set(b, MPAM_OFFSET_MPAMF_ESR, 0);
  set(b, MPAM_OFFSET_MPAMF_ECR, 0);
  expect(b, (uint64_t)h->level, 0, "the line when the error has been cleared");
  set(b, MPAM_OFFSET_MPAMCFG_PART_SEL, 0);
  set(b, MPAM_OFFSET_MPAMF_ESR, 0);
  return true;
}

/* --- Monitors --- */

static bool is_cache(const bank *b) {
  return b->info->name[0] == 'L';
}

/* So many lines that nobody has touched yet, in new places each time. */
static void read_lines(const bank *b, uint32_t lines, uint32_t partid) {
  static uint64_t fresh;
  uint32_t enters = is_cache(b) ? 0 : MPAM_TO_MEMORY;
  int who = mpam_requester_with_label(b->m, enters, (mpam_label_t){b->space, partid, 0});
  must(b, who, "a requester");
  for (uint32_t i = 0; i < lines; i++) {
    mpam_request request = {.address = LINE * fresh++, .bytes = LINE, .requester = (uint16_t)who, .op = MPAM_OP_READ};
    must(b, mpam_traffic(b->m, &request, 1, NULL), "traffic");
  }
}

/* Points monitor 0 of a RIS at PARTID 1, PMG 0, and waits until it is ready. */
static void arm(const bank *b, uint32_t ris, uint32_t flt_at, uint32_t ctl_at, uint32_t value_at, uint32_t flt, uint32_t ctl) {
  set(b, MPAM_OFFSET_MSMON_CFG_MON_SEL, MPAM_FIELD_PREP(MPAM_MON_SEL_RIS, ris));
  set(b, ctl_at, 0);
  set(b, flt_at, flt | 1);
  ctl |= MPAM_CTL_MATCH_PARTID | MPAM_CTL_MATCH_PMG;
  set(b, ctl_at, ctl);
  set(b, value_at, 0);
  set(b, ctl_at, ctl | MPAM_CTL_EN);
  if (get(b, value_at) & MPAM_VALUE_NRDY) {
    uint64_t ready = mpam_next_event(b->m);
    expect(b, ready != UINT64_MAX, 1, "a time at which the monitor is ready");
    if (ready == UINT64_MAX) return;
    must(b, mpam_advance(b->m, ready - 1 - mpam_now(b->m)), "time");
    expect(b, get(b, value_at) & MPAM_VALUE_NRDY, MPAM_VALUE_NRDY, "NRDY a nanosecond early");
    must(b, mpam_advance(b->m, 1), "time");
  }
  expect(b, get(b, value_at) & MPAM_VALUE_NRDY, 0, "NRDY when its time is over");
}

static bool test_usage(bank *b, uint32_t ris) {
  uint32_t idr;
  if (!(b->idr & MPAM_IDR_HAS_MSMON) || !is_cache(b)) return false;
  if (!(get(b, MPAM_OFFSET_MPAMF_MSMON_IDR) & MPAM_MSMON_IDR_MSMON_CSU)) return false;
  idr = get(b, MPAM_OFFSET_MPAMF_CSUMON_IDR);
  if (idr & (MPAM_CSUMON_IDR_NO_MATCH_PARTID | MPAM_CSUMON_IDR_CSU_RO) || !(idr & MPAM_CSUMON_IDR_NUM_MON)) return false;
  arm(b, ris, MPAM_OFFSET_MSMON_CFG_CSU_FLT, MPAM_OFFSET_MSMON_CFG_CSU_CTL, MPAM_OFFSET_MSMON_CSU, 0, 0);
  uint32_t before = get(b, MPAM_OFFSET_MSMON_CSU);
  read_lines(b, 100, 1);
  expect(b, get(b, MPAM_OFFSET_MSMON_CSU) - before, 100 * LINE, "MSMON_CSU after 100 lines");
  set(b, MPAM_OFFSET_MSMON_CFG_CSU_CTL, 0);
  return true;
}

static bool test_bandwidth(bank *b, uint32_t ris) {
  uint32_t idr;
  uint32_t flt;
  uint32_t msmon;
  bool by_msi;
  heard *h = b->heard;
  if (!(b->idr & MPAM_IDR_HAS_MSMON)) return false;
  msmon = get(b, MPAM_OFFSET_MPAMF_MSMON_IDR);
  if (!(msmon & MPAM_MSMON_IDR_MSMON_MBWU)) return false;
  idr = get(b, MPAM_OFFSET_MPAMF_MBWUMON_IDR);
  if (idr & MPAM_MBWUMON_IDR_NO_MATCH_PARTID || !(idr & MPAM_MBWUMON_IDR_NUM_MON)) return false;
  flt = idr & MPAM_MBWUMON_IDR_HAS_RWBW ? MPAM_FIELD_PREP(MPAM_FLT_RWBW, MPAM_RWBW_BOTH) : 0;
  arm(b, ris, MPAM_OFFSET_MSMON_CFG_MBWU_FLT, MPAM_OFFSET_MSMON_CFG_MBWU_CTL, MPAM_OFFSET_MSMON_MBWU, flt,
      MPAM_CTL_OFLOW_INTR);
  read_lines(b, 100, 1);
  expect(b, get(b, MPAM_OFFSET_MSMON_MBWU), 100 * LINE, "MSMON_MBWU after 100 lines");
  read_lines(b, 50, 0);
  expect(b, get(b, MPAM_OFFSET_MSMON_MBWU), 100 * LINE, "MSMON_MBWU after 50 lines of another PARTID");

  /* The fifth line is one too many. */
  by_msi = (msmon & MPAM_MSMON_IDR_HAS_OFLW_MSI) != 0;
  if (by_msi) {
    set(b, MPAM_OFFSET_MSMON_OFLOW_MSI_ADDR_L, 0x12340040);
    set(b, MPAM_OFFSET_MSMON_OFLOW_MSI_ADDR_H, 0x8);
    set(b, MPAM_OFFSET_MSMON_OFLOW_MSI_DATA, 0xcafe);
    set(b, MPAM_OFFSET_MSMON_OFLOW_MSI_ATTR, MPAM_MSI_ATTR_MSIEN);
  }
  set(b, MPAM_OFFSET_MSMON_MBWU, MPAM_VALUE_VALUE - 5 * LINE + 1);
  memset(h, 0, sizeof *h);
  read_lines(b, 4, 1);
  expect(b, h->raised[MPAM_EVENT_OVERFLOW] + h->msis[MPAM_EVENT_OVERFLOW], 0, "overflow interrupts before the overflow");
  read_lines(b, 1, 1);
  if (by_msi) {
    expect(b, h->msis[MPAM_EVENT_OVERFLOW], 1, "MSIs of the overflow");
    expect(b, h->msi_address, UINT64_C(0x812340040), "where the MSI writes");
    expect(b, h->msi_data, 0xcafe, "what the MSI writes");
    set(b, MPAM_OFFSET_MSMON_OFLOW_MSI_ATTR, 0);
  } else {
    expect(b, h->raised[MPAM_EVENT_OVERFLOW], 1, "overflow interrupts");
    if (b->info->overflow_line != 0) expect(b, h->line, b->info->overflow_line, "their line");
  }
  expect(b, get(b, MPAM_OFFSET_MSMON_CFG_MBWU_CTL) & MPAM_CTL_OFLOW_STATUS, MPAM_CTL_OFLOW_STATUS, "OFLOW_STATUS");
  set(b, MPAM_OFFSET_MSMON_CFG_MBWU_CTL, 0);
  if (!by_msi && b->info->overflow_line != 0) {
    expect(b, (uint64_t)mpam_line_level(b->m, b->info->overflow_line), 0, "the line when the overflow is cleared");
  }
  return true;
}

/* --- A board --- */

static void test_bank(bank *b) {
  bool usage = false;
  bool bandwidth = false;
  bool error;
  uint32_t width = 0;
  uint32_t last;
  look_at(b, 0);
  last = ris_max(b);
  expect(b, get(b, MPAM_OFFSET_MPAMF_AIDR) >> 4, 1, "MPAMF_AIDR.ArchMajorRev");
  for (uint32_t ris = 0; ris <= last; ris++) {
    uint32_t w;
    look_at(b, ris);
    w = test_portions(b, ris);
    if (w) width = w;
    usage = test_usage(b, ris) || usage;
    bandwidth = bandwidth || test_bandwidth(b, ris);
  }
  look_at(b, 0);
  error = test_error(b);
  printf("  %-8s space %u  PARTID_MAX %-5u PMG_MAX %-3u RIS_MAX %-2u CPBM_WD %-3u%s%s%s\n", b->info->name,
         (unsigned)b->space, (unsigned)MPAM_FIELD_GET(MPAM_IDR_PARTID_MAX, b->idr),
         (unsigned)MPAM_FIELD_GET(MPAM_IDR_PMG_MAX, b->idr), (unsigned)last, (unsigned)width, error ? "  errors" : "",
         usage ? "  csu" : "", bandwidth ? "  mbwu" : "");
}

/* Accesses that no device makes are refused, and a copy of the machine goes on as the machine does. */
static void test_board(const mpam_board *board) {
  heard h;
  mpam_config config = {.board = board};
  mpam_t *m = mpam_create(&config);
  size_t bytes;
  void *copy;
  memset(&h, 0, sizeof h);
  if (!m) {
    perror(board->name);
    exit(1);
  }
  mpam_set_irq_callback(m, on_irq, &h);
  mpam_set_interrupt_callback(m, on_interrupt, &h);
  printf("%s: %u MSCs, %u cpus, %zu ACPI tables\n", board->name, (unsigned)mpam_msc_count(m), (unsigned)board->cpus,
         mpam_acpi_table_count(m));
  for (uint32_t msc = 0; msc < mpam_msc_count(m); msc++) {
    const mpam_msc_info *info = mpam_msc(m, msc);
    bank b = {.m = m, .info = info, .msc = msc, .heard = &h};
    uint64_t value;
    if (info->base == MPAM_NOWHERE) continue;
    for (b.space = 0; b.space < MPAM_SPACES; b.space++) {
      b.attrs.space = b.space;
      while (info->cpus && !(info->cpus[b.attrs.cpu / 32] >> (b.attrs.cpu % 32) & 1)) b.attrs.cpu++;
      if (info->spaces >> b.space & 1) test_bank(&b);
      else expect(&b, mpam_read(m, info->base, 4, b.attrs, &value) < 0, 1, "a read where there is no bank refused");
    }
    b.attrs.space = b.space = MPAM_SP_NON_SECURE;
    expect(&b, mpam_read(m, info->base + 1, 4, b.attrs, &value) < 0, 1, "a misaligned read refused");
    expect(&b, mpam_read(m, info->base, 2, b.attrs, &value) < 0, 1, "a read of two bytes refused");
    expect(&b, mpam_read(m, info->base - 4, 4, b.attrs, &value) < 0, 1, "a read before the page refused");
  }
  for (size_t i = 0; i < mpam_acpi_table_count(m); i++) {
    const mpam_table *table = mpam_acpi_table(m, i);
    bank none = {.m = m, .info = &(mpam_msc_info){.name = "firmware"}};
    unsigned sum = 0;
    for (size_t at = 0; at < table->length; at++) sum += table->bytes[at];
    expect(&none, sum & 0xff, 0, "the sum of a table's bytes");
  }
  bytes = mpam_snapshot_bytes(m);
  copy = malloc(bytes);
  if (!copy || mpam_snapshot(m, copy, bytes) < 0) failures++;
  else {
    mpam_t *other = mpam_create(&config);
    bank none = {.m = m, .info = &(mpam_msc_info){.name = "snapshot"}};
    expect(&none, (uint64_t)-mpam_restore(other, copy, bytes), 0, "restoring it");
    expect(&none, mpam_now(other), mpam_now(m), "model time of the copy");
    expect(&none, mpam_restore(other, copy, bytes - 1) < 0, 1, "half a snapshot refused");
    mpam_destroy(other);
  }
  free(copy);
  mpam_destroy(m);
}

static double seconds(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void measure(const mpam_board *board) {
  enum { ACCESSES = 4000000, REQUESTS = 65536, ROUNDS = 30 };
  mpam_config config = {.board = board};
  mpam_t *m = mpam_create(&config);
  mpam_attrs attrs = {.space = MPAM_SP_NON_SECURE, .cpu = 0};
  mpam_request *requests = calloc(REQUESTS, sizeof *requests);
  uint64_t base = mpam_msc(m, 0)->base;
  uint64_t value = 0;
  uint32_t random = 1;
  int who = mpam_requester_with_label(m, 0, (mpam_label_t){MPAM_SP_NON_SECURE, 1, 0});
  double begin = seconds();
  double mid;
  for (int i = 0; i < ACCESSES; i += 2) {
    mpam_write(m, base + MPAM_OFFSET_MPAMCFG_PART_SEL, 4, attrs, (uint64_t)(i & 7));
    mpam_read(m, base + MPAM_OFFSET_MPAMCFG_CPBM, 4, attrs, &value);
  }
  mid = seconds();
  printf("%s: %.1f million accesses a second", board->name, ACCESSES / (mid - begin) / 1e6);
  for (int i = 0; i < REQUESTS && who >= 0 && requests; i++) {
    random = random * 1664525u + 1013904223u;
    requests[i] = (mpam_request){.address = (uint64_t)(random >> 8) % (512u << 10), .bytes = 8, .requester = (uint16_t)who};
    requests[i].address &= ~UINT64_C(7);
  }
  begin = seconds();
  for (int i = 0; i < ROUNDS; i++) mpam_traffic(m, requests, REQUESTS, NULL);
  printf(", %.1f million requests a second\n", (double)ROUNDS * REQUESTS / (seconds() - begin) / 1e6);
  free(requests);
  mpam_destroy(m);
}

int main(int argc, char **argv) {
  const mpam_board *boards[] = {MPAM_ALL_BOARDS};
  size_t n = sizeof boards / sizeof *boards;
  for (size_t i = 0; i < n; i++) test_board(boards[i]);
  printf("%u checks, %u failures\n", checks, failures);
  if (argc > 1 && strcmp(argv[1], "--rate") == 0) {
    for (size_t i = 0; i < n; i++) measure(boards[i]);
  }
  return failures ? 1 : 0;
}
