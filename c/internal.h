/* SPDX-License-Identifier: Apache-2.0
 *
 * What a machine is made of, for the files of this library.
 */

#ifndef MPAM_INTERNAL_H
#define MPAM_INTERNAL_H

#include <errno.h>

#include "mpam.h"
#include "mpam_module.h"
#include "runtime.h"

/* Requester numbers are 16 bits. */
#define MPAM_REQUESTERS 65536

typedef struct mpam_requester {
  /* MPAM_OWN_LABEL: a label of its own. */
  uint32_t cpu;
  /* The exception level of the cpu that labels it; or its own label, as a word. */
  uint32_t carries;
  /* The resource where its requests enter. */
  uint32_t entry;
} mpam_requester;
#define MPAM_OWN_LABEL UINT32_MAX

/* Where records are staged. */
typedef struct mpam_columns {
  uint32_t lines;
  uint32_t requesters;
  uint32_t metas;
} mpam_columns;

struct mpam {
  Z_mpam_instance_t module;
  wasm_rt_memory_t memory;
  const mpam_board *board;
  /* Of the calls and the layout: what snapshots are held against. */
  uint64_t board_hash;
  /* What a machine of this board always has, kept apart from memory that a snapshot may have damaged. */
  mpam_columns staged;
  /* The module's memory ends where records on their way in begin, which are no state. */
  uint32_t state_bytes;
  uint32_t cache_slices;
  uint32_t resources;
  /* A trap has left the memory in the middle of something. */
  bool broken;
  char why[160];

  mpam_irq_fn irq;
  void *irq_opaque;
  mpam_interrupt_fn msi;
  void *msi_opaque;
  mpam_interrupt_fn told;
  void *told_opaque;
  /* Bit n of an MSC's byte: it holds its wire of kind n up. */
  uint8_t *wires;
  /* Interrupts that nobody has been told of yet: `events[next]` to `events[count - 1]`. */
  mpam_interrupt *events;
  size_t next;
  size_t count;
  size_t room;
  bool telling;
  /* Records are staged, which a callback must not write over. */
  bool running;

  mpam_requester *requesters;
  uint32_t requester_count;
  /* Requesters by cpu and level, -1 without one; and whether registers of a cpu may label them otherwise now. */
  int32_t *by_cpu;
  uint8_t *changed;
};

/* -`number`, and why. */
int mpam_refuse(mpam_t *m, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* -EIO: the module trapped; 0 for one that trapped before, MPAM_NONSENSE for an answer that it cannot give. */
int mpam_broke(mpam_t *m, int trap);
#define MPAM_NONSENSE (-1)

/* Room for `n` more interrupts in what waits; 0 or -ENOMEM. */
int mpam_wait_for(mpam_t *m, size_t n);

/* Those wires that are up will be told to be down. There is room for them. */
void mpam_drop_wires(mpam_t *m);

/* Everybody who is a requester is one of the module too, which has just been laid out; 0, -ENOSPC or -EIO. */
int mpam_enter_again(mpam_t *m);

/* Takes what has been raised, and tells of it; 0, -ENOMEM or -EIO. */
int mpam_deliver(mpam_t *m);

/* For what a loop calls under guard: setjmp and the loop's variables stay apart. */
#define MPAM_APART __attribute__((noinline)) static

#define MPAM_CALL(m, name, ...) MPAM_WASM(name)(&(m)->module, ##__VA_ARGS__)

/* Runs what follows with a way out of traps; returns -EIO from the function around it when there is one. */
#define MPAM_GUARDED(m, ...)                        \
  do {                                              \
    jmp_buf here_;                                  \
    jmp_buf *volatile before_ = mpam_trap_target;   \
    int trap_;                                      \
    if ((m)->broken) return mpam_broke(m, 0);       \
    trap_ = setjmp(here_);                          \
    if (trap_ == 0) {                               \
      mpam_trap_target = &here_;                    \
      __VA_ARGS__;                                  \
    }                                               \
    mpam_trap_target = before_;                     \
    if (trap_ != 0) return mpam_broke(m, trap_);    \
  } while (0)

#endif
