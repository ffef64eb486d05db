/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine: power-on from a board, its address map, registers, interrupts and time.
 */

#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the module's memory is little-endian, and so has to be the host"
#endif

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
  if (trap == 0) return mpam_refuse(m, EIO, "the module has trapped before: mpam_restore or a new machine is needed");
  if ((size_t)trap < sizeof reasons / sizeof *reasons) reason = reasons[trap];
  m->broken = true;
  return mpam_refuse(m, EIO, "the module trapped: %s", reason ? reason : "for another reason");
}

/* --- Power-on --- */

/* The module asks for its memory by this name. */
wasm_rt_memory_t *Z_envZ_memory(struct Z_env_instance_t *env) {
  return &((mpam_t *)(void *)env)->memory;
}

static uint32_t word(uint64_t value) {
  return (uint32_t)value;
}

/* Makes one call of the board: the words that it took, 0 for one that is not known. */
static size_t build(mpam_t *m, const uint64_t *c, size_t left) {
  static const size_t words[] = {
      [MPAM_CALL_INIT] = 4,    [MPAM_CALL_CONFIGURE] = 8, [MPAM_CALL_RESERVE] = 2, [MPAM_CALL_ADD_CACHE] = 10,
      [MPAM_CALL_ADD_NODE] = 5, [MPAM_CALL_SET_BELOW] = 3, [MPAM_CALL_ADD_MSC] = 14, [MPAM_CALL_ADD_BANK] = 5,
      [MPAM_CALL_ADD_RIS] = 17, [MPAM_CALL_ADD_PE] = 10,   [MPAM_CALL_SEAL] = 1,
  };
  uint64_t call = c[0];
  if (call == 0 || call >= sizeof words / sizeof *words || words[call] > left) return 0;
  switch (call) {
    case MPAM_CALL_INIT:
      MPAM_CALL(m, init, word(c[1]), word(c[2]), word(c[3]));
      break;
    case MPAM_CALL_CONFIGURE:
      MPAM_CALL(m, configure, word(c[1]), word(c[2]), word(c[3]), c[4], word(c[5]), word(c[6]), word(c[7]));
      break;
    case MPAM_CALL_RESERVE:
      MPAM_CALL(m, reserve, word(c[1]));
      break;
    case MPAM_CALL_ADD_CACHE:
      MPAM_CALL(m, addCache, word(c[1]), word(c[2]), word(c[3]), word(c[4]), word(c[5]), word(c[6]), word(c[7]),
                word(c[8]), c[9]);
      m->cache_slices += word(c[2]);
      m->resources += word(c[2]);
      break;
    case MPAM_CALL_ADD_NODE:
      MPAM_CALL(m, addNode, word(c[1]), c[2], c[3], word(c[4]));
      m->resources += word(c[1]);
      break;
    case MPAM_CALL_SET_BELOW:
      MPAM_CALL(m, setBelow, word(c[1]), word(c[2]));
      break;
    case MPAM_CALL_ADD_MSC:
      MPAM_CALL(m, addMsc, word(c[1]), word(c[2]), word(c[3]), word(c[4]), word(c[5]), word(c[6]), word(c[7]),
                word(c[8]), word(c[9]), word(c[10]), word(c[11]), word(c[12]), c[13]);
      break;
    case MPAM_CALL_ADD_BANK:
      MPAM_CALL(m, addBank, word(c[1]), word(c[2]), word(c[3]), word(c[4]));
      break;
    case MPAM_CALL_ADD_RIS:
      MPAM_CALL(m, addRis, word(c[1]), word(c[2]), word(c[3]), word(c[4]), word(c[5]), word(c[6]), word(c[7]),
                word(c[8]), word(c[9]), word(c[10]), word(c[11]), word(c[12]), word(c[13]), word(c[14]), word(c[15]),
                word(c[16]));
      break;
    case MPAM_CALL_ADD_PE:
      MPAM_CALL(m, addPe, word(c[1]), word(c[2]), word(c[3]), word(c[4]), word(c[5]), word(c[6]), word(c[7]),
                word(c[8]), c[9]);
      break;
    default:
      MPAM_CALL(m, seal);
  }
  return words[call];
}

/* Makes all calls of the board: the layout that has come out, 0 for none. */
static uint32_t build_all(mpam_t *m) {
  const mpam_board *board = m->board;
  size_t at = 0;
  uint32_t layout;
  while (at < board->call_words) {
    size_t took = build(m, board->calls + at, board->call_words - at);
    if (took == 0) return 0;
    at += took;
  }
  layout = MPAM_CALL(m, attach);
  if (layout == 0) return 0;
  /* Any address may come; and the record that overflows a counter is the last one before somebody hears of it. */
  MPAM_CALL(m, fit, UINT32_MAX);
  MPAM_CALL(m, setStop, 1);
  return layout;
}

static int lay_out(mpam_t *m) {
  uint32_t layout = 0;
  MPAM_GUARDED(m, layout = build_all(m));
  if (layout == m->board->layout) return 0;
  return mpam_refuse(m, EPROTO, "the board has layout %u and this module %u", (unsigned)m->board->layout,
                     (unsigned)layout);
}

/* FNV-1a. */
static uint64_t hash_of(const mpam_board *board) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ board->layout;
  for (size_t i = 0; i < board->call_words; i++) {
    for (int byte = 0; byte < 8; byte++) {
      hash = (hash ^ ((board->calls[i] >> (8 * byte)) & 0xff)) * UINT64_C(0x100000001b3);
    }
  }
  return hash;
}

mpam_t *mpam_create(const mpam_config *config) {
  int error = ENOMEM;
  mpam_t *m;
  if (!config || !config->board || !config->board->calls || config->board->cpus == 0) {
    errno = EINVAL;
    return NULL;
  }
  if (config->board->layout != MPAM_WASM_LAYOUT) {
    errno = EPROTO;
    return NULL;
  }
  m = calloc(1, sizeof *m);
  if (m) {
    const mpam_board *board = config->board;
    m->board = board;
    m->board_hash = hash_of(board);
    m->wires = calloc(board->msc_count + (size_t)1, 1);
    m->requesters = calloc(MPAM_REQUESTERS, sizeof *m->requesters);
    m->by_cpu = malloc((size_t)board->cpus * 4 * sizeof *m->by_cpu);
    m->changed = calloc(board->cpus, 1);
    if (m->wires && m->requesters && m->by_cpu && m->changed && mpam_memory_open(&m->memory, board->bytes)) {
      for (size_t i = 0; i < (size_t)board->cpus * 4; i++) m->by_cpu[i] = -1;
      Z_mpam_init_module();
      Z_mpam_instantiate(&m->module, (struct Z_env_instance_t *)(void *)m);
      error = -lay_out(m);
      if (error == 0) return m;
    }
  }
  mpam_destroy(m);
  errno = error;
  return NULL;
}

void mpam_destroy(mpam_t *m) {
  if (!m) return;
  mpam_memory_close(&m->memory);
  free(m->wires);
  free(m->events);
  free(m->requesters);
  free(m->by_cpu);
  free(m->changed);
  free(m);
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

/* --- Interrupts --- */

void mpam_set_irq_callback(mpam_t *m, mpam_irq_fn fn, void *opaque) {
  m->irq = fn;
  m->irq_opaque = opaque;
}

void mpam_set_msi_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque) {
  m->msi = fn;
  m->msi_opaque = opaque;
}

void mpam_set_interrupt_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque) {
  m->told = fn;
  m->told_opaque = opaque;
}

static uint32_t line_of(const mpam_t *m, uint32_t msc, uint32_t kind) {
  const mpam_msc_info *info = &m->board->mscs[msc];
  return kind == MPAM_EVENT_ERROR ? info->error_line : info->overflow_line;
}

int mpam_line_level(const mpam_t *m, uint32_t line) {
  if (line == 0) return 0;
  for (uint32_t msc = 0; msc < m->board->msc_count; msc++) {
    for (uint32_t kind = MPAM_EVENT_ERROR; kind <= MPAM_EVENT_OVERFLOW; kind++) {
      if (m->wires[msc] >> kind & 1 && line_of(m, msc, kind) == line) return 1;
    }
  }
  return 0;
}

/* The event as the module has it. */
static mpam_interrupt event_at(mpam_t *m, uint32_t i) {
  uint32_t label = MPAM_CALL(m, eventMpam, i);
  mpam_interrupt event = {
      .kind = MPAM_CALL(m, eventKind, i),
      .msc = MPAM_CALL(m, eventMsc, i),
      .space = MPAM_CALL(m, eventSpace, i),
      .level = MPAM_CALL(m, eventLevel, i),
      .delivery = MPAM_CALL(m, eventDelivery, i),
      .count = MPAM_CALL(m, eventRepeats, i),
      .time = MPAM_CALL(m, eventTime, i),
      .record = MPAM_CALL(m, eventRecord, i),
      .address = MPAM_CALL(m, eventAddress, i),
      .data = MPAM_CALL(m, eventData, i),
      .attributes = MPAM_CALL(m, eventAttributes, i),
      .partid = label & 0xffff,
      .pmg = label >> 16 & 0xff,
  };
  event.line = line_of(m, event.msc, event.kind);
  return event;
}

/* Moves what the module has raised to the end of what waits: its own queue must not fill while callbacks run. */
static int take(mpam_t *m) {
  uint32_t n = 0;
  MPAM_GUARDED(m, n = MPAM_CALL(m, eventCount));
  if (n == 0) return 0;
  if (m->next == m->count) m->next = m->count = 0;
  if (m->count + n > m->room) {
    size_t room = 2 * (m->count + n);
    mpam_interrupt *events = realloc(m->events, room * sizeof *events);
    if (!events) return mpam_refuse(m, ENOMEM, "no memory for %u interrupts", (unsigned)n);
    m->events = events;
    m->room = room;
  }
  MPAM_GUARDED(m, {
    for (uint32_t i = 0; i < n; i++) m->events[m->count + i] = event_at(m, i);
    MPAM_CALL(m, clearEvents);
  });
  m->count += n;
  return 0;
}

static void tell(mpam_t *m, mpam_interrupt event) {
  int before = mpam_line_level(m, event.line);
  if (event.delivery == MPAM_DELIVERY_WIRE) {
    uint8_t bit = (uint8_t)(1u << event.kind);
    m->wires[event.msc] = (uint8_t)(event.level ? m->wires[event.msc] | bit : m->wires[event.msc] & ~bit);
  }
  if (m->told) m->told(m->told_opaque, &event);
  if (event.delivery == MPAM_DELIVERY_MSI) {
    if (m->msi) m->msi(m->msi_opaque, &event);
  } else if (m->irq && event.line != 0) {
    int after = mpam_line_level(m, event.line);
    if (event.delivery == MPAM_DELIVERY_PULSE) {
      m->irq(m->irq_opaque, event.line, 1);
      m->irq(m->irq_opaque, event.line, after);
    } else if (before != after) m->irq(m->irq_opaque, event.line, after);
  }
}

int mpam_deliver(mpam_t *m) {
  int error = take(m);
  /* What a callback raises is told by whoever tells already. */
  if (error || m->telling) return error;
  m->telling = true;
  while (m->next < m->count) tell(m, m->events[m->next++]);
  m->telling = false;
  return 0;
}

/* --- Time --- */

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
