/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine as bytes: a header, who its requesters are, which wires are up, and the module's memory.
 */

#include "internal.h"

#include <string.h>

typedef struct header {
  char magic[8];
  uint64_t board;
  uint64_t memory;
  /* Of all that comes after the header. */
  uint64_t sum;
  uint32_t layout;
  uint32_t requesters;
} header;

static const char MAGIC[8] = {'M', 'P', 'A', 'M', 'S', 'N', 'A', '1'};

/* FNV-1a, by words. */
static uint64_t sum_of(const uint8_t *bytes, size_t n) {
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (size_t at = 0; at < n; at += 8) {
    uint64_t word = 0;
    memcpy(&word, bytes + at, n - at < 8 ? n - at : 8);
    sum = (sum ^ word) * UINT64_C(0x100000001b3);
  }
  return sum;
}

static size_t bytes_of(const mpam_t *m, uint32_t requesters) {
  return sizeof(header) + requesters * sizeof(mpam_requester) + m->board->msc_count + m->board->cpus + m->state_bytes;
}

size_t mpam_snapshot_bytes(const mpam_t *m) {
  return m->broken ? 0 : bytes_of(m, m->requester_count);
}

int mpam_snapshot(mpam_t *m, void *to, size_t bytes) {
  header h = {.board = m->board_hash, .layout = m->board->layout, .requesters = m->requester_count};
  uint8_t *at = to;
  if (m->telling || m->running) return mpam_refuse(m, EBUSY, "not within a callback");
  if (m->broken) return mpam_broke(m, 0);
  memcpy(h.magic, MAGIC, sizeof MAGIC);
  h.memory = m->state_bytes;
  if (bytes < bytes_of(m, h.requesters)) {
    return mpam_refuse(m, EINVAL, "%zu bytes are there, and a snapshot takes %zu", bytes, mpam_snapshot_bytes(m));
  }
  at += sizeof h;
  memcpy(at, m->requesters, h.requesters * sizeof *m->requesters);
  at += h.requesters * sizeof *m->requesters;
  memcpy(at, m->wires, m->board->msc_count);
  at += m->board->msc_count;
  memcpy(at, m->changed, m->board->cpus);
  at += m->board->cpus;
  memcpy(at, m->memory.data, (size_t)h.memory);
  h.sum = sum_of((const uint8_t *)to + sizeof h, bytes_of(m, h.requesters) - sizeof h);
  memcpy(to, &h, sizeof h);
  return 0;
}

/* Whether these are requesters of this board. */
static bool are_requesters(const mpam_t *m, const mpam_requester *requesters, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    mpam_requester one;
    memcpy(&one, &requesters[i], sizeof one);
    if (one.cpu == MPAM_OWN_LABEL) {
      if (one.entry >= m->resources && one.entry != MPAM_WASM_NO_RESOURCE) return false;
    } else if (one.cpu >= m->board->cpus || one.carries > 3 || !(m->board->levels[one.cpu] >> one.carries & 1) ||
               one.entry != m->board->entries[one.cpu]) {
      return false;
    }
  }
  return true;
}

int mpam_restore(mpam_t *m, const void *from, size_t bytes) {
  header h;
  const uint8_t *at = (const uint8_t *)from + sizeof h;
  if (m->telling || m->running) return mpam_refuse(m, EBUSY, "not within a callback");
  if (bytes < sizeof h) return mpam_refuse(m, EINVAL, "%zu bytes are no snapshot", bytes);
  memcpy(&h, from, sizeof h);
  if (memcmp(h.magic, MAGIC, sizeof MAGIC) != 0) return mpam_refuse(m, EINVAL, "these bytes are no snapshot");
  if (h.board != m->board_hash || h.layout != m->board->layout) {
    return mpam_refuse(m, EPROTO, "the snapshot is of another board than %s, or of another build", m->board->name);
  }
  if (h.requesters > MPAM_REQUESTERS || h.memory != m->state_bytes || bytes != bytes_of(m, h.requesters) ||
      h.sum != sum_of(at, bytes - sizeof h) ||
      !are_requesters(m, (const mpam_requester *)(const void *)at, h.requesters)) {
    return mpam_refuse(m, EINVAL, "the snapshot is damaged");
  }
  m->requester_count = h.requesters;
  memcpy(m->requesters, at, h.requesters * sizeof *m->requesters);
  at += h.requesters * sizeof *m->requesters;
  for (size_t i = 0; i < (size_t)m->board->cpus * 4; i++) m->by_cpu[i] = -1;
  for (uint32_t i = 0; i < h.requesters; i++) {
    mpam_requester one = m->requesters[i];
    if (one.cpu != MPAM_OWN_LABEL) m->by_cpu[one.cpu * 4 + one.carries] = (int32_t)i;
  }
  memcpy(m->wires, at, m->board->msc_count);
  at += m->board->msc_count;
  memcpy(m->changed, at, m->board->cpus);
  at += m->board->cpus;
  memcpy(m->memory.data, at, (size_t)h.memory);
  m->next = m->count = 0;
  m->broken = false;
  return 0;
}
