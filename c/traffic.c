/* SPDX-License-Identifier: Apache-2.0
 *
 * Cpus and what they label, requesters, and requests on their way into the module.
 */

#include "internal.h"

#include <string.h>

/* --- System registers --- */

static int check_cpu(mpam_t *m, uint32_t cpu, uint32_t el) {
  if (cpu >= m->board->cpus) {
    return mpam_refuse(m, EINVAL, "there is no cpu %u: this board has %u", (unsigned)cpu, (unsigned)m->board->cpus);
  }
  if (el > 3 || !(m->board->levels[cpu] >> el & 1)) {
    return mpam_refuse(m, EINVAL, "cpu %u has no EL%u", (unsigned)cpu, (unsigned)el);
  }
  return 0;
}

static int access_register(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t encoding, uint32_t write, uint64_t value,
                           uint64_t *answer) {
  uint32_t became = 0;
  int error = check_cpu(m, cpu, el);
  if (error) return error;
  if (encoding > 0xffff) return mpam_refuse(m, EINVAL, "encoding 0x%x: op0 to op2 have 16 bits", (unsigned)encoding);
  MPAM_GUARDED(m, {
    became = MPAM_CALL(m, accessRegister, cpu, el, encoding, write, value);
    *answer = MPAM_CALL(m, accessed);
  });
  return (int)became;
}

int mpam_sysreg_read(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t encoding, uint64_t *value) {
  return access_register(m, cpu, el, encoding, 0, 0, value);
}

int mpam_sysreg_write(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t encoding, uint64_t value, uint64_t *offset) {
  uint64_t answer = 0;
  int became = access_register(m, cpu, el, encoding, 1, value, &answer);
  if (became == MPAM_ACCESS_DONE) m->changed[cpu] = 1;
  if (became == MPAM_ACCESS_MEMORY && offset) *offset = answer;
  return became;
}

int mpam_cpu_reset(mpam_t *m, uint32_t cpu, bool boot) {
  int error = check_cpu(m, cpu, 0);
  if (error) return error;
  MPAM_GUARDED(m, {
    MPAM_CALL(m, resetPe, cpu);
    if (boot) MPAM_CALL(m, bootPe, cpu);
  });
  m->changed[cpu] = 1;
  return 0;
}

static uint32_t word_of(mpam_label_t label) {
  return MPAM_WASM_LABEL(label.space, label.partid, label.pmg);
}

static mpam_label_t unpack(uint32_t label) {
  return (mpam_label_t){.space = label >> 24 & 3, .partid = label & 0xffff, .pmg = label >> 16 & 0xff};
}

int mpam_label(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t kind, mpam_label_t *label, uint32_t *steps) {
  uint32_t found = 0;
  uint32_t how = 0;
  int error = check_cpu(m, cpu, el);
  if (error) return error;
  if (kind > MPAM_KIND_NV2) return mpam_refuse(m, EINVAL, "kind %u: MPAM_KIND_ has 0 to 3", (unsigned)kind);
  MPAM_GUARDED(m, {
    found = MPAM_CALL(m, generate, cpu, el, kind);
    how = MPAM_CALL(m, generated);
  });
  *label = unpack(found);
  if (steps) *steps = how;
  return 0;
}

/* --- Requesters --- */

static int check_label(mpam_t *m, mpam_label_t label) {
  if (label.space < MPAM_SPACES && label.partid <= 0xffff && label.pmg <= 0xff) return 0;
  return mpam_refuse(m, EINVAL, "space %u, PARTID %u, PMG %u: 0 to 3, 65535 and 255 are the most", (unsigned)label.space,
                     (unsigned)label.partid, (unsigned)label.pmg);
}

static int carry(mpam_t *m, uint32_t requester, mpam_label_t label) {
  uint32_t fits = 1;
  MPAM_GUARDED(m, {
    for (uint32_t op = MPAM_OP_READ; op <= MPAM_OP_PREFETCH && fits; op++) {
      fits = MPAM_CALL(m, setLabel, requester, op, label.space, label.partid, label.pmg);
    }
  });
  return fits ? 0 : mpam_refuse(m, ENOSPC, "more labels are in use at once than the board has owners for");
}

/* The module hears of a requester. */
static int enter(mpam_t *m, uint32_t number, mpam_requester who) {
  if (who.cpu == MPAM_OWN_LABEL) {
    /* A label that is refused takes no number. */
    int error = carry(m, number, unpack(who.carries));
    if (error) return error;
  }
  MPAM_GUARDED(m, {
    MPAM_CALL(m, setEntry, number, who.entry);
    if (who.cpu != MPAM_OWN_LABEL) {
      MPAM_CALL(m, setCpu, number, who.cpu);
      MPAM_CALL(m, setLevel, number, who.carries);
    }
  });
  return 0;
}

/* The next number. */
static int enrol(mpam_t *m, mpam_requester who) {
  uint32_t number = m->requester_count;
  int error;
  if (number == MPAM_REQUESTERS) return mpam_refuse(m, ENOSPC, "%d requesters are the most", MPAM_REQUESTERS);
  error = enter(m, number, who);
  if (error) return error;
  m->requesters[number] = who;
  m->requester_count++;
  return (int)number;
}

int mpam_enter_again(mpam_t *m) {
  for (uint32_t i = 0; i < m->requester_count; i++) {
    int error = enter(m, i, m->requesters[i]);
    if (error) return error;
  }
  memset(m->changed, 1, m->board->cpus);
  return 0;
}

int mpam_requester_of_cpu(mpam_t *m, uint32_t cpu, uint32_t el) {
  int32_t *known;
  int number = check_cpu(m, cpu, el);
  if (number < 0) return number;
  known = &m->by_cpu[cpu * 4 + el];
  if (*known >= 0) return *known;
  number = enrol(m, (mpam_requester){cpu, el, m->board->entries[cpu]});
  if (number < 0) return number;
  *known = number;
  m->changed[cpu] = 1;
  return number;
}

int mpam_requester_with_label(mpam_t *m, uint32_t enters, mpam_label_t label) {
  uint32_t resource = MPAM_WASM_NO_RESOURCE;
  int number = check_label(m, label);
  if (number < 0) return number;
  if (enters != MPAM_TO_MEMORY) {
    number = check_cpu(m, enters, 0);
    if (number < 0) return number;
    resource = m->board->entries[enters];
  }
  return enrol(m, (mpam_requester){MPAM_OWN_LABEL, word_of(label), resource});
}

int mpam_set_label(mpam_t *m, int requester, mpam_label_t label) {
  int error = check_label(m, label);
  if (error) return error;
  if (requester < 0 || (uint32_t)requester >= m->requester_count) {
    return mpam_refuse(m, EINVAL, "there is no requester %d", requester);
  }
  if (m->requesters[requester].cpu != MPAM_OWN_LABEL) {
    return mpam_refuse(m, EINVAL, "requester %d is labelled by registers of cpu %u", requester,
                       (unsigned)m->requesters[requester].cpu);
  }
  error = carry(m, (uint32_t)requester, label);
  if (!error) m->requesters[requester].carries = word_of(label);
  return error;
}

/* --- Traffic --- */

/* A requester carries what its cpu's registers say now. */
MPAM_APART int fill(mpam_t *m, uint32_t number, uint32_t cpu, uint32_t el) {
  uint32_t fits = 0;
  MPAM_GUARDED(m, fits = MPAM_CALL(m, fillLabels, number, cpu, el, MPAM_WORLD_NOW));
  return fits ? 0 : mpam_refuse(m, ENOSPC, "more labels are in use at once than the board has owners for");
}

MPAM_APART int settle(mpam_t *m) {
  MPAM_GUARDED(m, if (MPAM_CALL(m, pending)) MPAM_CALL(m, edge));
  return mpam_deliver(m);
}

/* Labels and settings that have been written begin to act. */
static int edge(mpam_t *m) {
  for (uint32_t cpu = 0; cpu < m->board->cpus; cpu++) {
    if (!m->changed[cpu]) continue;
    for (uint32_t el = 0; el < 4; el++) {
      int32_t number = m->by_cpu[cpu * 4 + el];
      int error = number < 0 ? 0 : fill(m, (uint32_t)number, cpu, el);
      if (error) return error;
    }
    m->changed[cpu] = 0;
  }
  return settle(m);
}

/* Runs records up to the next interrupt, and tells of it; how many, or an error. */
MPAM_APART int replay(mpam_t *m, uint32_t from, uint32_t n) {
  const mpam_columns *at = &m->staged;
  uint32_t did = 0;
  int error;
  MPAM_GUARDED(m, did = MPAM_CALL(m, replayFrom, at->lines + 4 * from, at->requesters + 2 * from, at->metas + from,
                                  n - from));
  if (did == 0 || did > n - from) return mpam_broke(m, MPAM_NONSENSE);
  error = mpam_deliver(m);
  return error ? error : (int)did;
}

/* Runs `n` staged records. */
static int run(mpam_t *m, uint32_t n) {
  for (uint32_t ran = 0; ran < n;) {
    int error = edge(m);
    int did = error ? error : replay(m, ran, n);
    if (did < 0) return did;
    ran += (uint32_t)did;
  }
  return 0;
}

static int check(mpam_t *m, const mpam_request *r, size_t i) {
  /* Lines have 32 bits. */
  uint64_t most = (uint64_t)m->board->line_bytes << 32;
  if (r->bytes == 0 || r->op > MPAM_OP_PREFETCH) {
    return mpam_refuse(m, EINVAL, "request %zu: %u bytes, op %u; a byte or more, and 0 to 3", i, (unsigned)r->bytes,
                       (unsigned)r->op);
  }
  if (r->requester >= m->requester_count) {
    return mpam_refuse(m, EINVAL, "request %zu: there is no requester %u", i, (unsigned)r->requester);
  }
  if (r->address >= most || most - r->address < r->bytes) {
    return mpam_refuse(m, EINVAL, "request %zu: addresses here end at 0x%llx", i, (unsigned long long)most);
  }
  return 0;
}

static int feed(mpam_t *m, const mpam_request *requests, size_t n, size_t *done) {
  uint32_t *lines = (uint32_t *)(void *)(m->memory.data + m->staged.lines);
  uint16_t *requesters = (uint16_t *)(void *)(m->memory.data + m->staged.requesters);
  uint8_t *metas = m->memory.data + m->staged.metas;
  uint32_t line_bytes = m->board->line_bytes;
  uint32_t most = line_bytes < 64 ? line_bytes : 64;
  /* Where the next record is cut: so many bytes of `requests[next]` are staged. */
  size_t next = *done;
  uint64_t cut = 0;
  int error = 0;
  while (next < n && !error) {
    uint32_t records = 0;
    while (next < n && records < MPAM_WASM_CALL_RECORDS) {
      const mpam_request *r = &requests[next];
      uint64_t address = r->address + cut;
      uint64_t left = r->bytes - cut;
      uint32_t room = most - (uint32_t)(address % most);
      uint32_t bytes = left < room ? (uint32_t)left : room;
      lines[records] = (uint32_t)(address / line_bytes);
      requesters[records] = r->requester;
      metas[records] = MPAM_WASM_META(r->op, bytes);
      records++;
      cut += bytes;
      if (cut < r->bytes) continue;
      cut = 0;
      next++;
    }
    error = run(m, records);
    if (!error) *done = next;
  }
  return error;
}

int mpam_traffic(mpam_t *m, const mpam_request *requests, size_t n, size_t *done) {
  size_t ran = 0;
  int error = 0;
  if (done) *done = 0;
  if (m->running || m->telling) return mpam_refuse(m, EBUSY, "not within a callback");
  if (m->broken) return mpam_broke(m, 0);
  for (size_t i = 0; i < n && !error; i++) error = check(m, &requests[i], i);
  if (error) return error;
  m->running = true;
  error = feed(m, requests, n, &ran);
  m->running = false;
  if (done) *done = ran;
  return error;
}

/* --- Counts --- */

uint32_t mpam_resource_count(const mpam_t *m) {
  return m->resources;
}

int mpam_usage_of(mpam_t *m, uint32_t resource, uint32_t i, mpam_usage *usage) {
  uint32_t owners = 0;
  uint32_t label = UINT32_MAX;
  if (resource >= m->resources) {
    return mpam_refuse(m, EINVAL, "there is no resource %u: this board has %u", (unsigned)resource,
                       (unsigned)m->resources);
  }
  MPAM_GUARDED(m, {
    owners = MPAM_CALL(m, ownerCount);
    if (i < owners) label = MPAM_CALL(m, ownerLabel, i);
  });
  if (i >= owners) return -ERANGE;
  if (label == UINT32_MAX) return 0;
  *usage = (mpam_usage){.label = unpack(label)};
  MPAM_GUARDED(m, {
    usage->bytes_read = MPAM_CALL(m, bytesMoved, resource, i, 0);
    usage->bytes_written = MPAM_CALL(m, bytesMoved, resource, i, 1);
    if (resource < m->cache_slices) {
      usage->accesses = MPAM_CALL(m, accesses, resource, i);
      usage->misses = MPAM_CALL(m, misses, resource, i);
      usage->lines = MPAM_CALL(m, linesHeld, resource, i);
    }
  });
  return 1;
}
