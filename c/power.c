/* SPDX-License-Identifier: Apache-2.0
 *
 * Power-on from a board, reset, and power-off.
 */

#include "internal.h"

#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the module's memory is little-endian, and so has to be the host"
#endif

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
  uint32_t mscs = 0;
  uint32_t cpus = 0;
  m->cache_slices = m->resources = 0;
  while (at < board->call_words) {
    size_t took = build(m, board->calls + at, board->call_words - at);
    if (took == 0) return 0;
    mscs += board->calls[at] == MPAM_CALL_ADD_MSC;
    cpus += board->calls[at] == MPAM_CALL_ADD_PE;
    at += took;
  }
  layout = MPAM_CALL(m, attach);
  if (layout == 0 || mscs != board->msc_count || cpus != board->cpus) return 0;
  /* Any address may come; and the record that overflows a counter is the last one before somebody hears of it. */
  MPAM_CALL(m, fit, UINT32_MAX);
  MPAM_CALL(m, setStop, 1);
  m->staged = (mpam_columns){MPAM_CALL(m, stagedLines), MPAM_CALL(m, stagedRequesters), MPAM_CALL(m, stagedMetas)};
  m->state_bytes = MPAM_CALL(m, intakeStart);
  return layout;
}

static int lay_out(mpam_t *m) {
  uint32_t layout = 0;
  Z_mpam_instantiate(&m->module, (struct Z_env_instance_t *)(void *)m);
  MPAM_GUARDED(m, layout = build_all(m));
  if (layout == m->board->layout) return 0;
  return mpam_refuse(m, EPROTO, "the board has layout %u and this module %u", (unsigned)m->board->layout,
                     (unsigned)layout);
}

static int set_time(mpam_t *m, uint64_t now) {
  MPAM_GUARDED(m, MPAM_CALL(m, setNow, now));
  return 0;
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

/* What the translated module keeps for the whole process is there before any thread is. */
__attribute__((constructor)) static void prepare(void) {
  Z_mpam_init_module();
}

mpam_t *mpam_create(const mpam_config *config) {
  int error = ENOMEM;
  mpam_t *m;
  if (!config || !config->board || !config->board->calls || config->board->cpus == 0 ||
      config->board->line_bytes == 0) {
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
      error = -lay_out(m);
      if (error == 0) return m;
    }
  }
  mpam_destroy(m);
  errno = error;
  return NULL;
}

int mpam_reset(mpam_t *m) {
  /* Time may have been what a trap left half done; it is a word of the root, and can be read. */
  uint64_t now = MPAM_CALL(m, now);
  int error;
  if (m->telling || m->running) return mpam_refuse(m, EBUSY, "not within a callback");
  error = mpam_wait_for(m, 2 * (size_t)m->board->msc_count);
  if (error) return error;
  mpam_memory_clear(&m->memory);
  m->broken = false;
  error = lay_out(m);
  if (!error) error = mpam_enter_again(m);
  if (!error) error = set_time(m, now);
  m->broken = error != 0;
  if (error) return error;
  mpam_drop_wires(m);
  return mpam_deliver(m);
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
