/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program does wrong, and what a trap of the module leaves: errors in words, never the end of the program.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mpam.h"
#include "mpam_regs.h"
#include "one-socket.h"

#define L3 UINT64_C(0x141000000)
#define NS ((mpam_attrs){.space = MPAM_SP_NON_SECURE, .cpu = 0})

static unsigned failures;

static void expect(long found, long right, const char *what) {
  if (found == right) return;
  failures++;
  printf("FAIL %s is %ld, and %ld would be right\n", what, found, right);
}

static mpam_t *machine(void) {
  mpam_config config = {.board = &mpam_board_one_socket};
  mpam_t *m = mpam_create(&config);
  if (m) return m;
  perror("mpam_create");
  exit(1);
}

static void boards(void) {
  mpam_board board = mpam_board_one_socket;
  mpam_config config = {.board = &board};
  uint64_t calls[3] = {MPAM_CALL_INIT, 4, 16};
  expect(mpam_create(NULL) != NULL, 0, "a machine of no config");
  expect(errno, EINVAL, "errno of that");
  board.layout++;
  expect(mpam_create(&config) != NULL, 0, "a machine of another layout");
  expect(errno, EPROTO, "errno of that");
  board.layout--;
  board.calls = calls;
  board.call_words = 3;
  expect(mpam_create(&config) != NULL, 0, "a machine of half a call");
  expect(errno, EPROTO, "errno of that");
  calls[0] = 99;
  expect(mpam_create(&config) != NULL, 0, "a machine of an unknown call");
  board = mpam_board_one_socket;
  board.msc_count--;
  expect(mpam_create(&config) != NULL, 0, "a machine of more MSCs than its board");
  expect(errno, EPROTO, "errno of that");
  board = mpam_board_one_socket;
  board.cpus++;
  expect(mpam_create(&config) != NULL, 0, "a machine of fewer cpus than its board");
  expect(errno, EPROTO, "errno of that");
  board = mpam_board_one_socket;
  /* The module traps when it cannot grow. */
  board.bytes = 1 << 20;
  expect(mpam_create(&config) != NULL, 0, "a machine without room");
  expect(errno, EIO, "errno of that");
  board.bytes = UINT64_C(1) << 32;
  expect(mpam_create(&config) != NULL, 0, "a machine of 4 GiB");
  expect(errno, ENOMEM, "errno of that");
}

static void wild(struct Z_mpam_instance_t *self, void *opaque) {
  (void)opaque;
  MPAM_WASM(replayFrom)(self, 0xfffffff0u, 0xfffffff0u, 0xfffffff0u, 100);
}

static void traps(void) {
  mpam_t *m = machine();
  uint64_t value = 0;
  size_t bytes = mpam_snapshot_bytes(m);
  void *copy = malloc(bytes);
  expect(mpam_snapshot(m, copy, bytes), 0, "a snapshot");
  expect(mpam_with_module(m, wild, NULL), -EIO, "a call that traps");
  expect(strstr(mpam_why(m), "out of its memory") != NULL, 1, "the reason in words");
  expect(mpam_read(m, L3, 4, NS, &value), -EIO, "a read after a trap");
  expect(mpam_advance(m, 1), -EIO, "time after a trap");
  expect(mpam_traffic(m, NULL, 0, NULL), -EIO, "traffic after a trap");
  expect(mpam_snapshot(m, copy, bytes), -EIO, "a snapshot after a trap");
  expect(mpam_restore(m, copy, bytes), 0, "a snapshot from before it");
  expect(mpam_read(m, L3, 4, NS, &value), 0, "a read after that");
  /* PARTID_MAX 15, PMG_MAX 3, capacity, portions, EXT, monitors. */
  expect((long)value, 0x5303000f, "MPAMF_IDR");
  free(copy);
  mpam_destroy(m);
}

static void numbers(void) {
  mpam_t *m = machine();
  uint64_t value = 0;
  mpam_label_t label = {MPAM_SP_NON_SECURE, 1, 0};
  mpam_request r = {.address = 0, .bytes = 64, .requester = 7, .op = MPAM_OP_READ};
  size_t done = 99;
  expect(mpam_read(m, L3, 3, NS, &value), -EINVAL, "three bytes");
  expect(mpam_read(m, L3 + 2, 4, NS, &value), -EINVAL, "a misaligned read");
  expect(mpam_read(m, L3, 4, (mpam_attrs){4, 0}, &value), -EINVAL, "space 4");
  expect(mpam_read(m, L3, 4, (mpam_attrs){1, 8}, &value), -ENXIO, "cpu 8 of 8");
  expect(mpam_read(m, L3, 4, (mpam_attrs){0, 0}, &value), -ENXIO, "a space without a bank");
  expect(mpam_read(m, UINT64_MAX - 3, 4, NS, &value), -ENXIO, "the last word there is");
  expect(mpam_msc_read(m, 2, 0, 1, &(uint32_t){0}), -EINVAL, "MSC 2 of 2");
  expect(mpam_msc_read(m, 0, 0x10000, 1, &(uint32_t){0}), -EINVAL, "an offset past the page");
  expect(mpam_capture(m, 0, 7), -EINVAL, "capture event 7");
  expect(mpam_advance(m, UINT64_MAX), -EINVAL, "all time there is");
  expect(mpam_sysreg_read(m, 8, 0, 0, &value), -EINVAL, "a register of cpu 8");
  expect(mpam_sysreg_read(m, 0, 4, 0, &value), -EINVAL, "a register at EL4");
  expect(mpam_sysreg_read(m, 0, 1, 0x10000, &value), -EINVAL, "an encoding of 17 bits");
  expect(mpam_sysreg_read(m, 0, 0, MPAM_SYSREG_MPAM1_EL1, &value), MPAM_ACCESS_UNDEFINED, "MPAM1_EL1 at EL0");
  expect(mpam_requester_with_label(m, 8, label), -EINVAL, "a requester at cpu 8");
  expect(mpam_traffic(m, &r, 1, &done), -EINVAL, "traffic of nobody");
  expect((long)done, 0, "requests that ran");
  expect(mpam_requester_of_cpu(m, 0, 0), 0, "the first requester");
  expect(mpam_requester_of_cpu(m, 0, 0), 0, "the same again");
  expect(mpam_set_label(m, 0, label), -EINVAL, "a label for a cpu's requester");
  r.requester = 0;
  r.bytes = 0;
  expect(mpam_traffic(m, &r, 1, NULL), -EINVAL, "no bytes");
  r.bytes = 65;
  r.address = (UINT64_C(64) << 32) - 64;
  expect(mpam_traffic(m, &r, 1, NULL), -EINVAL, "a byte past the last line");
  r.bytes = 64;
  expect(mpam_traffic(m, &r, 1, &done), 0, "the last line");
  expect((long)done, 1, "requests that ran");
  r.address = 0;
  r.bytes = 10000000;
  expect(mpam_traffic(m, &r, 1, &done), 0, "a request of ten million bytes");
  mpam_destroy(m);
}

/* One label after the other, none of which goes while its lines are there. */
static void labels(void) {
  mpam_t *m = machine();
  int refused = 0;
  for (uint32_t i = 0; i < 2000 && !refused; i++) {
    int who = mpam_requester_with_label(m, 0, (mpam_label_t){MPAM_SP_NON_SECURE, 1 + i, 0});
    mpam_request r = {.address = 64 * i, .bytes = 64, .requester = (uint16_t)who, .op = MPAM_OP_READ};
    refused = who < 0 ? who : mpam_traffic(m, &r, 1, NULL);
  }
  expect(refused, -ENOSPC, "labels without end");
  expect(mpam_advance(m, 1), 0, "time after that");
  mpam_destroy(m);

  m = machine();
  for (int i = 0; i < 65536; i++) {
    if (mpam_requester_with_label(m, MPAM_TO_MEMORY, (mpam_label_t){1, 1, 0}) == i) continue;
    expect(i, 65536, "requesters there were");
    break;
  }
  expect(mpam_requester_with_label(m, MPAM_TO_MEMORY, (mpam_label_t){1, 1, 0}), -ENOSPC, "requester 65536");
  mpam_destroy(m);
}

/* --- Callbacks that access registers --- */

typedef struct handler {
  mpam_t *m;
  int levels[8];
  int count;
  int depth;
  int busy;
} handler;

static void handle(void *opaque, uint32_t line, int level) {
  handler *h = opaque;
  mpam_request r = {.bytes = 64};
  (void)line;
  h->busy += mpam_traffic(h->m, &r, 1, NULL) == -EBUSY;
  h->busy += mpam_snapshot(h->m, NULL, 0) == -EBUSY;
  h->busy += mpam_reset(h->m) == -EBUSY;
  expect(h->depth++, 0, "callbacks within callbacks");
  h->levels[h->count++ % 8] = level;
  if (level) mpam_write(h->m, L3 + MPAM_OFFSET_MPAMF_ESR, 4, NS, 0);
  h->depth--;
}

static void callbacks(void) {
  mpam_t *m = machine();
  handler h = {.m = m};
  mpam_set_irq_callback(m, handle, &h);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMF_ECR, 4, NS, MPAM_ECR_INTEN);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMCFG_PART_SEL, 4, NS, 1000);
  mpam_read(m, L3 + MPAM_OFFSET_MPAMCFG_CPBM, 4, NS, &(uint64_t){0});
  expect(h.count, 2 * (h.count / 2), "levels told, up and down");
  expect(h.count >= 2, 1, "an interrupt");
  for (int i = 0; i < h.count && i < 8; i++) expect(h.levels[i], i % 2 == 0, "a level");
  expect(h.busy, 3 * h.count, "what is refused within a callback");
  expect(mpam_line_level(m, 44), 0, "the line in the end");
  mpam_destroy(m);
}

/* --- Reset --- */

typedef struct lines {
  int level;
  int changes;
  uint32_t line;
} lines;

static void follow(void *opaque, uint32_t line, int level) {
  lines *l = opaque;
  *l = (lines){level, l->changes + 1, line};
}

static uint64_t written_by(mpam_t *m, uint32_t partid) {
  mpam_usage u = {0};
  uint64_t sum = 0;
  /* The memory channel comes after the cache. */
  for (uint32_t i = 0; mpam_usage_of(m, 1, i, &u) >= 0; i++) {
    if (u.label.partid == partid) sum = u.bytes_written;
  }
  return sum;
}

static void reset(void) {
  mpam_t *m = machine();
  mpam_t *fresh = machine();
  lines l = {0};
  uint64_t value = 0;
  mpam_label_t label;
  mpam_request r = {.address = 0, .bytes = 64, .op = MPAM_OP_WRITE};
  mpam_attrs ns = NS;
  int cpu = mpam_requester_of_cpu(m, 2, 1);
  int device = mpam_requester_with_label(m, MPAM_TO_MEMORY, (mpam_label_t){MPAM_SP_NON_SECURE, 5, 0});
  mpam_set_irq_callback(m, follow, &l);
  expect(mpam_set_label(m, device, (mpam_label_t){MPAM_SP_NON_SECURE, 6, 0}), 0, "another label");
  mpam_write(m, L3 + MPAM_OFFSET_MPAMCFG_CPBM, 4, ns, 3);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMF_ECR, 4, ns, MPAM_ECR_INTEN);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMCFG_PART_SEL, 4, ns, 1000);
  mpam_read(m, L3 + MPAM_OFFSET_MPAMCFG_CPBM, 4, ns, &value);
  expect(l.level, 1, "the line before the reset");
  mpam_sysreg_write(m, 2, 3, MPAM_SYSREG_MPAM3_EL3, UINT64_C(1) << 63, NULL);
  mpam_sysreg_write(m, 2, 3, MPAM_SYSREG_MPAM1_EL1, (UINT64_C(1) << 63) | 3, NULL);
  r.requester = (uint16_t)device;
  mpam_traffic(m, &r, 1, NULL);
  expect((long)written_by(m, 6), 64, "bytes written before the reset");
  mpam_advance(m, 1000);
  for (int round = 0; round < 2; round++) {
    expect(mpam_reset(m), 0, "a reset");
    expect(l.level, 0, "the line after the reset");
    expect(l.line, 44, "which line it is");
    expect(l.changes, 2, "what was told of it");
    expect(mpam_line_level(m, 44), 0, "its level");
    expect((long)mpam_now(m), 1000, "time after the reset");
    for (uint32_t offset = 0; offset < 0x10000; offset += 4) {
      uint32_t is = 1;
      uint32_t was = 2;
      mpam_msc_read(m, 0, offset, 1, &is);
      mpam_msc_read(fresh, 0, offset, 1, &was);
      expect(is, was, "a register after the reset");
    }
    mpam_label(m, 2, 1, MPAM_KIND_DATA, &label, NULL);
    expect(label.partid, 0, "the label of a cpu after the reset");
    expect((long)written_by(m, 6), 0, "bytes written by the device after the reset");
    expect(mpam_traffic(m, &r, 1, NULL), 0, "traffic of the device");
    expect((long)written_by(m, 6), 64, "bytes written under its label");
    expect(mpam_requester_of_cpu(m, 2, 1), cpu, "the number of the cpu's requester");
    expect(mpam_with_module(m, wild, NULL), -EIO, "a trap before the next reset");
  }
  mpam_destroy(fresh);
  mpam_destroy(m);
}

/* --- Snapshots that are none --- */

enum { HEADER = 40, REQUESTER = 12, SUM_AT = 24, ROOT_AT = 1024, ROOT_BYTES = 1024 };

/* As snapshot.c sums what comes after the header. */
static void sum_again(uint8_t *snapshot, size_t bytes) {
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (size_t at = HEADER; at < bytes; at += 8) {
    uint64_t word = 0;
    memcpy(&word, snapshot + at, bytes - at < 8 ? bytes - at : 8);
    sum = (sum ^ word) * UINT64_C(0x100000001b3);
  }
  memcpy(snapshot + SUM_AT, &sum, sizeof sum);
}

/* A little of everything: whatever comes of it. */
static void poke(mpam_t *m) {
  uint64_t value = 0;
  mpam_label_t label;
  mpam_usage usage;
  mpam_request r = {.address = 4096, .bytes = 64, .requester = 0, .op = MPAM_OP_READ};
  size_t bytes = mpam_snapshot_bytes(m);
  void *copy = malloc(bytes);
  mpam_snapshot(m, copy, bytes);
  free(copy);
  mpam_next_event(m);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMF_ECR, 4, NS, MPAM_ECR_INTEN);
  mpam_write(m, L3 + MPAM_OFFSET_MPAMCFG_PART_SEL, 4, NS, 1000);
  mpam_read(m, L3 + MPAM_OFFSET_MPAMCFG_CPBM, 4, NS, &value);
  mpam_label(m, 3, 1, MPAM_KIND_DATA, &label, NULL);
  mpam_sysreg_write(m, 3, 3, MPAM_SYSREG_MPAM1_EL1, 1, NULL);
  mpam_usage_of(m, 0, 1, &usage);
  mpam_traffic(m, &r, 1, NULL);
  mpam_advance(m, 1000);
  if (mpam_reset(m) < 0) exit(2);
}

/* Restored and poked in a process of its own, which may loop until its time is over. */
static void survive(mpam_t *m, uint8_t *snapshot, size_t bytes, const char *what) {
  pid_t child;
  int status = 0;
  sum_again(snapshot, bytes);
  child = fork();
  if (child == 0) {
    struct itimerval limit = {.it_value.tv_usec = 20000};
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    if (mpam_restore(m, snapshot, bytes) == 0) poke(m);
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child || status == 0) return;
  expect(WIFSIGNALED(status) ? WTERMSIG(status) : status, SIGVTALRM, what);
}

static void snapshots(void) {
  mpam_t *m = machine();
  int who = mpam_requester_of_cpu(m, 3, 1);
  size_t bytes = mpam_snapshot_bytes(m);
  /* Of the module's memory; wires and changed cpus are a byte each. */
  size_t memory = HEADER + REQUESTER + mpam_msc_count(m) + mpam_board_of(m)->cpus;
  uint8_t *copy = malloc(bytes);
  uint8_t *other = malloc(bytes);
  uint32_t random = 1;
  expect(who, 0, "a requester");
  expect(mpam_snapshot(m, copy, bytes - 1), -EINVAL, "a snapshot without room");
  expect(mpam_snapshot(m, copy, bytes), 0, "a snapshot");
  expect(mpam_restore(m, copy, 10), -EINVAL, "ten bytes of one");
  /* All that is not memory, then somewhere in that. */
  for (size_t i = 0; i < memory + 50; i++) {
    size_t at = i;
    if (i >= memory) {
      random = random * 1664525u + 1013904223u;
      at = memory + random % (bytes - memory);
    }
    copy[at] ^= 0x55;
    expect(mpam_restore(m, copy, bytes) < 0, 1, "a damaged snapshot refused");
    copy[at] ^= 0x55;
  }
  /* Somebody who makes the sum right: the header and the requester are still held against the board. */
  memcpy(other, copy, bytes);
  for (size_t i = 0; i < HEADER + REQUESTER; i++) {
    if (i >= SUM_AT && i < SUM_AT + 8) continue;
    other[i] = (uint8_t)~other[i];
    sum_again(other, bytes);
    expect(mpam_restore(m, other, bytes) < 0, 1, "a forged header refused");
    other[i] = copy[i];
  }
  /* Memory may make the module trap, answer nonsense or loop. Nothing worse: each word of the root, where all hangs, ... */
  for (size_t at = memory + ROOT_AT; at < memory + ROOT_AT + ROOT_BYTES; at += 4) {
    uint32_t much = 0xfffffff0u;
    memcpy(other + at, &much, sizeof much);
    survive(m, other, bytes, "how a forged root ends");
    memcpy(other + at, copy + at, sizeof much);
  }
  /* ... and anything. */
  for (int round = 0; round < 50; round++) {
    memcpy(other, copy, bytes);
    for (int i = 0; i < 500; i++) {
      random = random * 1664525u + 1013904223u;
      other[memory + random % (bytes - memory)] ^= (uint8_t)(random >> 3);
    }
    survive(m, other, bytes, "how a forged memory ends");
  }
  expect(mpam_restore(m, copy, bytes), 0, "the snapshot in the end");
  free(other);
  free(copy);
  mpam_destroy(m);
}

/* Raises an error, and makes it one of an MSC that there is not: the word in memory that eventMsc reads. */
static void forge(struct Z_mpam_instance_t *self, void *opaque) {
  mpam_t *m = opaque;
  size_t bytes;
  uint8_t *memory = (uint8_t *)(uintptr_t)mpam_memory(m, &bytes);
  MPAM_WASM(write32)(self, 0, MPAM_OFFSET_MPAMF_ECR, MPAM_ECR_INTEN, 1);
  MPAM_WASM(write32)(self, 0, MPAM_OFFSET_MPAMCFG_PART_SEL, 1000, 1);
  MPAM_WASM(read32)(self, 0, MPAM_OFFSET_MPAMCFG_CPBM, 1);
  expect((long)MPAM_WASM(eventCount)(self), 1, "events");
  for (size_t at = ROOT_AT + ROOT_BYTES; at < bytes; at += 4) {
    uint32_t *word = (uint32_t *)(void *)(memory + at);
    *word ^= 0x400000;
    if (MPAM_WASM(eventMsc)(self, 0) == 0x400000) return;
    *word ^= 0x400000;
  }
  expect(0, 1, "whether the event was found");
}

static void events(void) {
  mpam_t *m = machine();
  expect(mpam_with_module(m, forge, m), -EIO, "an event of no MSC");
  expect(strstr(mpam_why(m), "what no machine does") != NULL, 1, "the reason in words");
  expect(mpam_reset(m), 0, "a reset");
  mpam_destroy(m);
}

/* --- Machines on threads of their own, each of which traps in the end --- */

static void *alone(void *opaque) {
  uint64_t *written = opaque;
  mpam_t *m = machine();
  int who = mpam_requester_with_label(m, MPAM_TO_MEMORY, (mpam_label_t){MPAM_SP_NON_SECURE, 1, 0});
  for (uint32_t i = 0; i < *written; i++) {
    mpam_request r = {.address = 64 * (i % 1000), .bytes = 64, .requester = (uint16_t)who, .op = MPAM_OP_WRITE};
    mpam_traffic(m, &r, 1, NULL);
  }
  *written = written_by(m, 1);
  if (mpam_with_module(m, wild, NULL) != -EIO) *written = 1;
  mpam_destroy(m);
  return NULL;
}

static void threads(void) {
  pthread_t all[4];
  uint64_t sums[4] = {1000, 2000, 3000, 4000};
  for (int i = 0; i < 4; i++) pthread_create(&all[i], NULL, alone, &sums[i]);
  for (int i = 0; i < 4; i++) {
    pthread_join(all[i], NULL);
    expect((long)sums[i], 64000 * (i + 1), "what a thread's own machine counted");
  }
}

int main(void) {
  boards();
  traps();
  numbers();
  labels();
  callbacks();
  reset();
  snapshots();
  events();
  threads();
  printf("limits: %u failures\n", failures);
  return failures ? 1 : 0;
}
