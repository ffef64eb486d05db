/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program does wrong, and what a trap of the module leaves: errors in words, never the end of the program.
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  expect(h.busy, 2 * h.count, "what is refused within a callback");
  expect(mpam_line_level(m, 44), 0, "the line in the end");
  mpam_destroy(m);
}

/* --- Snapshots that are none --- */

static void snapshots(void) {
  mpam_t *m = machine();
  int who = mpam_requester_of_cpu(m, 3, 1);
  size_t bytes = mpam_snapshot_bytes(m);
  uint8_t *copy = malloc(bytes);
  uint32_t random = 1;
  expect(who, 0, "a requester");
  expect(mpam_snapshot(m, copy, bytes - 1), -EINVAL, "a snapshot without room");
  expect(mpam_snapshot(m, copy, bytes), 0, "a snapshot");
  expect(mpam_restore(m, copy, 10), -EINVAL, "ten bytes of one");
  /* All of the header, and of the requester. */
  for (size_t i = 0; i < 32 + 8; i++) {
    uint8_t before = copy[i];
    copy[i] = (uint8_t)~before;
    expect(mpam_restore(m, copy, bytes) < 0, 1, "a damaged header refused");
    copy[i] = before;
  }
  /* What is damaged further in may trap, and nothing worse. */
  for (int round = 0; round < 200; round++) {
    uint8_t *other = malloc(bytes);
    uint64_t value = 0;
    mpam_request r = {.address = 4096, .bytes = 64, .requester = 0, .op = MPAM_OP_READ};
    memcpy(other, copy, bytes);
    for (int i = 0; i < 200; i++) {
      random = random * 1664525u + 1013904223u;
      /* Past the root and its limits: those of the memory are what is asked about. */
      other[bytes - 1 - (random >> 4) % (bytes - 8192)] ^= (uint8_t)random;
    }
    expect(mpam_restore(m, other, bytes), 0, "a snapshot with other bytes");
    mpam_read(m, L3, 4, NS, &value);
    mpam_write(m, L3 + MPAM_OFFSET_MPAMCFG_PART_SEL, 4, NS, 3);
    mpam_traffic(m, &r, 1, NULL);
    free(other);
  }
  expect(mpam_restore(m, copy, bytes), 0, "the snapshot in the end");
  free(copy);
  mpam_destroy(m);
}

/* --- Machines on threads of their own, each of which traps in the end --- */

static void *alone(void *opaque) {
  uint64_t *written = opaque;
  mpam_t *m = machine();
  int who = mpam_requester_with_label(m, MPAM_TO_MEMORY, (mpam_label_t){MPAM_SP_NON_SECURE, 1, 0});
  mpam_usage u = {0};
  for (uint32_t i = 0; i < *written; i++) {
    mpam_request r = {.address = 64 * (i % 1000), .bytes = 64, .requester = (uint16_t)who, .op = MPAM_OP_WRITE};
    mpam_traffic(m, &r, 1, NULL);
  }
  *written = 0;
  /* The memory channel comes after the cache. */
  for (uint32_t i = 0; mpam_usage_of(m, 1, i, &u) >= 0; i++) {
    if (u.label.partid == 1) *written = u.bytes_written;
  }
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
  snapshots();
  threads();
  printf("limits: %u failures\n", failures);
  return failures ? 1 : 0;
}
