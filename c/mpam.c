/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine that is on: its address map, registers, time; and how refusals are said.
 */

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

int mpam_refuse(mpam_t *m, int number, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(m->why, sizeof m->why, format, arguments);
  va_end(arguments);
  return -number;
}

int mpam_broke(mpam_t *m, int trap) {
  static const char *const reasons[] = {
      [WASM_RT_TRAP_OOB] = "out of its memory",
      [WASM_RT_TRAP_INT_OVERFLOW] = "integer overflow",
      [WASM_RT_TRAP_DIV_BY_ZERO] = "division by zero",
      [WASM_RT_TRAP_INVALID_CONVERSION] = "conversion",
      [WASM_RT_TRAP_UNREACHABLE] = "unreachable",
  };
  const char *reason = NULL;
  if (trap == MPAM_NONSENSE) {
    m->broken = true;
    return mpam_refuse(m, EIO, "the module answers what no machine does");
  }
  if (trap == 0) return mpam_refuse(m, EIO, "the module has trapped before: mpam_restore or mpam_reset is needed");
  if ((size_t)trap < sizeof reasons / sizeof *reasons) reason = reasons[trap];
  m->broken = true;
  return mpam_refuse(m, EIO, "the module trapped: %s", reason ? reason : "for another reason");
}

const char *mpam_why(const mpam_t *m) {
  return m->why;
}

/* --- The address map --- */

const mpam_board *mpam_board_of(const mpam_t *m) {
  return m->board;
}

size_t mpam_map_count(const mpam_t *m) {
  return m->board->region_count;
}

const mpam_region *mpam_map(const mpam_t *m, size_t i) {
  return i < m->board->region_count ? &m->board->regions[i] : NULL;
}

size_t mpam_msc_count(const mpam_t *m) {
  return m->board->msc_count;
}

const mpam_msc_info *mpam_msc(const mpam_t *m, size_t i) {
  return i < m->board->msc_count ? &m->board->mscs[i] : NULL;
}

size_t mpam_acpi_table_count(const mpam_t *m) {
  return m->board->table_count;
}

const mpam_table *mpam_acpi_table(const mpam_t *m, size_t i) {
  return i < m->board->table_count ? &m->board->tables[i] : NULL;
}

/* The region that an address lies in, or NULL. */
static const mpam_region *region_at(const mpam_board *board, uint64_t address) {
  size_t low = 0;
  size_t high = board->region_count;
  const mpam_region *found;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (board->regions[middle].base <= address) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return NULL;
  found = &board->regions[low - 1];
  return address - found->base < found->bytes ? found : NULL;
}

/* --- Registers --- */

typedef struct place {
  uint32_t msc;
  uint32_t offset;
} place;

/* Which word an access is to, in the order of refusals that src/machine/physical-bus.ts has. */
static int find(mpam_t *m, uint64_t address, unsigned size, mpam_attrs attrs, place *found) {
  const mpam_region *region;
  const mpam_msc_info *msc;
  if ((size != 1 && size != 2 && size != 4 && size != 8) || address % size != 0) {
    return mpam_refuse(m, EINVAL, "%u bytes at 0x%llx: 4 or 8 bytes, naturally aligned", size,
                       (unsigned long long)address);
  }
  if (attrs.space >= MPAM_SPACES) return mpam_refuse(m, EINVAL, "space %u: MPAM_SP is 0 to 3", (unsigned)attrs.space);
  if (attrs.cpu >= m->board->cpus) return mpam_refuse(m, ENXIO, "there is no cpu %u", (unsigned)attrs.cpu);
  region = region_at(m->board, address);
  if (!region || region->kind != MPAM_REGION_MSC || region->index >= m->board->msc_count) {
    return mpam_refuse(m, ENXIO, "nothing answers at 0x%llx", (unsigned long long)address);
  }
  msc = &m->board->mscs[region->index];
  if (size < 4) {
    return mpam_refuse(m, EINVAL, "%u bytes at 0x%llx: registers are read by 4 or 8 bytes", size,
                       (unsigned long long)address);
  }
  if (!(msc->spaces >> attrs.space & 1)) {
    return mpam_refuse(m, ENXIO, "nothing answers at 0x%llx in space %u", (unsigned long long)address,
                       (unsigned)attrs.space);
  }
  if (msc->cpus && !(msc->cpus[attrs.cpu / 32] >> (attrs.cpu % 32) & 1)) {
    return mpam_refuse(m, ENXIO, "cpu %u does not reach msc %u at 0x%llx", (unsigned)attrs.cpu, (unsigned)region->index,
                       (unsigned long long)address);
  }
  found->msc = region->index;
  found->offset = (uint32_t)(address - region->base);
  return 0;
}

static int load(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t *value) {
  uint32_t waiting = 0;
  MPAM_GUARDED(m, {
    *value = MPAM_CALL(m, read32, msc, offset, space);
    waiting = MPAM_CALL(m, eventCount);
  });
  return waiting == 0 ? 0 : mpam_deliver(m);
}

static int store(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t value) {
  uint32_t waiting = 0;
  MPAM_GUARDED(m, {
    MPAM_CALL(m, write32, msc, offset, value, space);
    waiting = MPAM_CALL(m, eventCount);
  });
  return waiting == 0 ? 0 : mpam_deliver(m);
}

int mpam_read(mpam_t *m, uint64_t address, unsigned size, mpam_attrs attrs, uint64_t *value) {
  place at;
  uint32_t low = 0;
  uint32_t high = 0;
  int error = find(m, address, size, attrs, &at);
  if (error == 0) error = load(m, at.msc, at.offset, attrs.space, &low);
  if (error == 0 && size == 8) error = load(m, at.msc, at.offset + 4, attrs.space, &high);
  if (error == 0) *value = low | (uint64_t)high << 32;
  return error;
}

int mpam_write(mpam_t *m, uint64_t address, unsigned size, mpam_attrs attrs, uint64_t value) {
  place at;
  int error = find(m, address, size, attrs, &at);
  if (error == 0) error = store(m, at.msc, at.offset, attrs.space, (uint32_t)value);
  if (error == 0 && size == 8) error = store(m, at.msc, at.offset + 4, attrs.space, (uint32_t)(value >> 32));
  return error;
}

static int check_msc(mpam_t *m, uint32_t msc) {
  if (msc < m->board->msc_count) return 0;
  return mpam_refuse(m, EINVAL, "there is no msc %u: this board has %u", (unsigned)msc, (unsigned)m->board->msc_count);
}

static int check_place(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space) {
  if (offset >= 0x10000 || offset % 4 != 0) {
    return mpam_refuse(m, EINVAL, "offset 0x%x: registers lie at multiples of 4 below 0x10000", (unsigned)offset);
  }
  if (space >= MPAM_SPACES) return mpam_refuse(m, EINVAL, "space %u: MPAM_SP is 0 to 3", (unsigned)space);
  return check_msc(m, msc);
}

int mpam_msc_read(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t *value) {
  int error = check_place(m, msc, offset, space);
  return error ? error : load(m, msc, offset, space, value);
}

int mpam_msc_write(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t value) {
  int error = check_place(m, msc, offset, space);
  return error ? error : store(m, msc, offset, space, value);
}

int mpam_capture(mpam_t *m, uint32_t msc, uint32_t event) {
  int error = check_msc(m, msc);
  if (error) return error;
  if (event < 1 || event > 6) {
    return mpam_refuse(m, EINVAL, "capture event %u: 1 to 6 come from outside", (unsigned)event);
  }
  MPAM_GUARDED(m, MPAM_CALL(m, capture, msc, event));
  return mpam_deliver(m);
}

int mpam_reset_msc(mpam_t *m, uint32_t msc) {
  int error = check_msc(m, msc);
  if (error) return error;
  MPAM_GUARDED(m, MPAM_CALL(m, resetMsc, msc));
  return mpam_deliver(m);
}

/* --- Time --- */

/* The module reads both in its root, which is always there: no trap can come of it. */

uint64_t mpam_now(const mpam_t *m) {
  mpam_t *self = (mpam_t *)(uintptr_t)m;
  return m->broken ? 0 : MPAM_CALL(self, now);
}

int mpam_advance(mpam_t *m, uint64_t ns) {
  uint64_t now = mpam_now(m);
  if (ns > UINT64_MAX - 1 - now) {
    return mpam_refuse(m, EINVAL, "%llu ns from %llu: time has 64 bits", (unsigned long long)ns,
                       (unsigned long long)now);
  }
  MPAM_GUARDED(m, MPAM_CALL(m, setNow, now + ns));
  return mpam_deliver(m);
}

uint64_t mpam_next_event(mpam_t *m) {
  return m->broken ? UINT64_MAX : MPAM_CALL(m, nextReady);
}

/* --- Everything else --- */

int mpam_with_module(mpam_t *m, void (*body)(struct Z_mpam_instance_t *self, void *opaque), void *opaque) {
  MPAM_GUARDED(m, body(&m->module, opaque));
  return mpam_deliver(m);
}

const uint8_t *mpam_memory(const mpam_t *m, size_t *bytes) {
  *bytes = m->memory.size;
  return m->memory.data;
}
