/* SPDX-License-Identifier: Apache-2.0
 *
 * Does what lines on standard input say, and prints what came of it: what a program in C sees, to be held against what the same
 * machine shows in Node (test/c/compare.test.ts). Words are numbers, 0x for hexadecimal.
 *
 *   r ADDRESS SIZE SPACE CPU             w ADDRESS SIZE SPACE CPU VALUE
 *   c MSC EVENT                          t NS
 *   q CPU SPACE PARTID PMG               u CPU EL                    a requester, numbered from 0
 *   n ADDRESS BYTES REQUESTER OP         p                           requests wait for the p that runs them
 *   s CPU EL ENCODING                    S CPU EL ENCODING VALUE
 *   l CPU EL KIND                        b CPU
 *   x RESOURCE SETS WAYS                 what a cache slice holds
 *   z                                    counts of all labels
 *   k                                    goes on with another machine, restored from a snapshot
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all-boards.h"
#include "mpam.h"

enum { REQUESTS = 65536 };

static mpam_t *m;
static mpam_config config;
static mpam_request requests[REQUESTS];
static size_t waiting;

static void on_interrupt(void *opaque, const mpam_interrupt *i) {
  (void)opaque;
  printf("i %u %u %u %u %u %u %u %" PRIu64 " %" PRIu64 " 0x%" PRIx64 " %u %u %u %u\n", (unsigned)i->kind,
         (unsigned)i->msc, (unsigned)i->space, (unsigned)i->line, (unsigned)i->level, (unsigned)i->delivery,
         (unsigned)i->count, i->time, i->record, i->address, (unsigned)i->data, (unsigned)i->attributes,
         (unsigned)i->partid, (unsigned)i->pmg);
}

static void say(int result) {
  if (result >= 0) printf("%d\n", result);
  else printf("%s\n", result == -EINVAL ? "EINVAL" : result == -ENXIO ? "ENXIO" : strerror(-result));
}

static void value(int result, uint64_t word) {
  if (result < 0) say(result);
  else printf("%d 0x%" PRIx64 "\n", result, word);
}

typedef struct slice {
  uint32_t resource, sets, ways;
} slice;

/* Line, label and age of each way that holds something. */
static void show_slice(struct Z_mpam_instance_t *self, void *opaque) {
  const slice *s = opaque;
  for (uint32_t set = 0; set < s->sets; set++) {
    for (uint32_t way = 0; way < s->ways; way++) {
      int64_t line = (int64_t)MPAM_WASM(lineAt)(self, s->resource, set, way);
      uint32_t owner;
      if (line < 0) continue;
      owner = MPAM_WASM(lineOwner)(self, s->resource, set, way);
      printf("x %u %u %u %" PRId64 " %u %u\n", (unsigned)s->resource, (unsigned)set, (unsigned)way, line,
             (unsigned)MPAM_WASM(ownerLabel)(self, owner), (unsigned)MPAM_WASM(lineAge)(self, s->resource, set, way));
    }
  }
}

static void show_counts(void) {
  for (uint32_t resource = 0; resource < mpam_resource_count(m); resource++) {
    mpam_usage u;
    int there;
    for (uint32_t i = 0; (there = mpam_usage_of(m, resource, i, &u)) >= 0; i++) {
      /* A number may be kept for a label that has moved nothing. */
      if (there && (u.accesses | u.lines | u.bytes_read | u.bytes_written) != 0) {
        printf("z %u %u %u %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", (unsigned)resource,
               (unsigned)u.label.space, (unsigned)u.label.partid, (unsigned)u.label.pmg, u.bytes_read, u.bytes_written,
               u.accesses, u.misses, u.lines);
      }
    }
  }
}

static void go_on_elsewhere(void) {
  size_t bytes = mpam_snapshot_bytes(m);
  void *copy = malloc(bytes);
  mpam_t *other = mpam_create(&config);
  int result = copy && other ? mpam_snapshot(m, copy, bytes) : -ENOMEM;
  if (result == 0) result = mpam_restore(other, copy, bytes);
  free(copy);
  mpam_destroy(m);
  m = other;
  mpam_set_interrupt_callback(m, on_interrupt, NULL);
  say(result);
}

static void obey(char what, const uint64_t *a) {
  uint64_t word = 0;
  uint32_t steps = 0;
  mpam_label_t label = {0};
  slice s = {(uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2]};
  mpam_attrs attrs = {.space = (uint32_t)a[2], .cpu = (uint32_t)a[3]};
  int result;
  switch (what) {
    case 'r':
      result = mpam_read(m, a[0], (unsigned)a[1], attrs, &word);
      value(result, word);
      break;
    case 'w':
      say(mpam_write(m, a[0], (unsigned)a[1], attrs, a[4]));
      break;
    case 'c':
      say(mpam_capture(m, (uint32_t)a[0], (uint32_t)a[1]));
      break;
    case 't':
      say(mpam_advance(m, a[0]));
      break;
    case 'q':
      say(mpam_requester_with_label(m, (uint32_t)a[0], (mpam_label_t){(uint32_t)a[1], (uint32_t)a[2], (uint32_t)a[3]}));
      break;
    case 'u':
      say(mpam_requester_of_cpu(m, (uint32_t)a[0], (uint32_t)a[1]));
      break;
    case 'n':
      if (waiting == REQUESTS) abort();
      requests[waiting++] = (mpam_request){a[0], (uint32_t)a[1], (uint16_t)a[2], (uint8_t)a[3]};
      break;
    case 'p':
      say(mpam_traffic(m, requests, waiting, NULL));
      waiting = 0;
      break;
    case 's':
      result = mpam_sysreg_read(m, (uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2], &word);
      value(result, word);
      break;
    case 'S':
      say(mpam_sysreg_write(m, (uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2], a[3], &word));
      break;
    case 'l':
      result = mpam_label(m, (uint32_t)a[0], (uint32_t)a[1], (uint32_t)a[2], &label, &steps);
      printf("%d %u %u %u 0x%x\n", result, (unsigned)label.space, (unsigned)label.partid, (unsigned)label.pmg,
             (unsigned)steps);
      break;
    case 'b':
      say(mpam_cpu_reset(m, (uint32_t)a[0], false));
      break;
    case 'x':
      say(mpam_with_module(m, show_slice, &s));
      break;
    case 'z':
      show_counts();
      break;
    case 'k':
      go_on_elsewhere();
      break;
    default:
      fprintf(stderr, "%c is nothing that can be done\n", what);
      exit(2);
  }
}

int main(int argc, char **argv) {
  static const mpam_board *const boards[] = {MPAM_ALL_BOARDS};
  char line[256];
  for (size_t i = 0; argc == 2 && i < sizeof boards / sizeof *boards; i++) {
    if (strcmp(argv[1], boards[i]->name) == 0) config.board = boards[i];
  }
  if (!config.board) {
    fprintf(stderr, "compare BOARD: one of those that were linked in\n");
    return 2;
  }
  m = mpam_create(&config);
  if (!m) {
    perror("mpam_create");
    return 1;
  }
  mpam_set_interrupt_callback(m, on_interrupt, NULL);
  while (fgets(line, sizeof line, stdin)) {
    uint64_t arguments[6] = {0};
    char *at = line + 1;
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) arguments[i] = strtoull(at, &at, 0);
    obey(line[0], arguments);
  }
  mpam_destroy(m);
  return 0;
}
