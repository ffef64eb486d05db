/* SPDX-License-Identifier: Apache-2.0
 *
 * An Arm MPAM machine as a device of an emulator: the registers of its MSCs, what they do to traffic, their interrupts, the
 * system registers of its cpus, and what firmware tells of it. docs/embedding.md begins at the beginning.
 *
 * Results: 0, or a negative number of <errno.h>, after which mpam_why says in words what was refused. Nothing here aborts, and
 * what is refused changes nothing, unless it says so.
 *   -EINVAL   what no call can ask: a width, an alignment, a number out of range
 *   -ENXIO    nothing answers there: an address, an address space or a cpu that a page is not open to
 *   -EBUSY    not within a callback
 *   -ENOSPC   more labels or requesters at once than the board has room for
 *   -ENOMEM   the host has no memory
 *   -EPROTO   the board, or the snapshot, is of another build
 *   -EIO      the module trapped, which is a bug of this project. The machine answers nothing more, until mpam_reset or mpam_restore
 *
 * Threads: a machine belongs to one thread at a time, and callbacks come on the thread that made the call. Machines share
 * nothing, so several of them need no lock between them. There is no global state but one thread-local pointer. Callbacks return:
 * a longjmp or an exception out of one would leave its machine in the middle of something.
 *
 * Time is model time in ns, from 0 at mpam_create, and moves by mpam_advance alone; mpam_restore brings that of the snapshot.
 */

#ifndef MPAM_H
#define MPAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpam_board.h"
#include "mpam_wasm.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mpam mpam_t;

typedef struct mpam_config {
  /* As mpam embed wrote it. Must outlive the machine. */
  const mpam_board *board;
} mpam_config;

/* Power-on. NULL and errno otherwise: EINVAL no board, EPROTO a board of another build, ENOMEM, EIO. */
mpam_t *mpam_create(const mpam_config *config);

/*
 * Power-on again, as a device is reset: registers, caches, counts and cpus are as mpam_create left them, after a trap too. Time
 * goes on, callbacks stay, and requesters keep their numbers and labels of their own. Lines that were up are told to be down.
 */
int mpam_reset(mpam_t *m);

/* Not within a callback of the same machine. NULL is allowed. */
void mpam_destroy(mpam_t *m);

/* What was refused last, in words; "" before. Until the next call. */
const char *mpam_why(const mpam_t *m);

/* --- The address map, and what firmware tells --- */

const mpam_board *mpam_board_of(const mpam_t *m);

/* By address; NULL past the last one. */
size_t mpam_map_count(const mpam_t *m);
const mpam_region *mpam_map(const mpam_t *m, size_t i);

/* By number; NULL past the last one. */
size_t mpam_msc_count(const mpam_t *m);
const mpam_msc_info *mpam_msc(const mpam_t *m, size_t i);

/* As they lie in memory: header, length and checksum are right. NULL past the last one. */
size_t mpam_acpi_table_count(const mpam_t *m);
const mpam_table *mpam_acpi_table(const mpam_t *m, size_t i);

/* --- Registers of MSCs --- */

typedef struct mpam_attrs {
  /* MPAM_SP_NON_SECURE and so on: the address space of the access. */
  uint32_t space;
  /* Who makes it. */
  uint32_t cpu;
} mpam_attrs;

/*
 * An access by physical address: 4 or 8 bytes, naturally aligned; 8 bytes are two words, low first. Words that no register has
 * read as 0. What software does wrong beyond that is no error here: it is recorded in MPAMF_ESR and may raise an interrupt.
 */
int mpam_read(mpam_t *m, uint64_t address, unsigned size, mpam_attrs attrs, uint64_t *value);
int mpam_write(mpam_t *m, uint64_t address, unsigned size, mpam_attrs attrs, uint64_t value);

/* A word by MSC and offset, whoever reaches it: for debuggers, and for MSCs without an address. */
int mpam_msc_read(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t *value);
int mpam_msc_write(mpam_t *m, uint32_t msc, uint32_t offset, uint32_t space, uint32_t value);

/* An external capture event, 1 to 6, arrives. One that the MSC does not have does nothing. */
int mpam_capture(mpam_t *m, uint32_t msc, uint32_t event);

/* An MSC loses power: its registers are as at power-on. */
int mpam_reset_msc(mpam_t *m, uint32_t msc);

/* --- Interrupts --- */

/* What an MSC raised or released. */
typedef struct mpam_interrupt {
  /* MPAM_EVENT_ERROR or MPAM_EVENT_OVERFLOW. */
  uint32_t kind;
  uint32_t msc;
  /* The bank it comes from; of a wire, the one that changed it. */
  uint32_t space;
  /* As firmware numbers it; 0 where it is wired to nothing. */
  uint32_t line;
  /* Of a wire 1 raised, 0 released; of pulses and MSIs 1. */
  uint32_t level;
  /* MPAM_DELIVERY_WIRE, PULSE or MSI. */
  uint32_t delivery;
  /* Pulses or MSIs alike that came before this machine could tell of them; 1 for a wire. */
  uint32_t count;
  uint64_t time;
  /* Records run since power-on, the one that made it among them. */
  uint64_t record;
  /* Of an MSI: where it writes what, MSI_*_ATTR as it is programmed, and its label. */
  uint64_t address;
  uint32_t data;
  uint32_t attributes;
  uint32_t partid;
  uint32_t pmg;
} mpam_interrupt;

/*
 * A line changes. Several MSCs may share one, which is up as long as one of them holds it. A pulse is 1, then 0.
 * Callbacks come within the call that caused them, when it has taken effect. They may access registers; interrupts of that are
 * told after they return. mpam_traffic, mpam_reset and snapshots are refused there.
 */
typedef void (*mpam_irq_fn)(void *opaque, uint32_t line, int level);
void mpam_set_irq_callback(mpam_t *m, mpam_irq_fn fn, void *opaque);

/* An MSI: the emulator makes the write, `address` and so on, in the address space of `space`. */
typedef void (*mpam_interrupt_fn)(void *opaque, const mpam_interrupt *interrupt);
void mpam_set_msi_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque);

/* Everything that is raised or released, before the two others hear of it. */
void mpam_set_interrupt_callback(mpam_t *m, mpam_interrupt_fn fn, void *opaque);

/* Whether somebody holds a line up. */
int mpam_line_level(const mpam_t *m, uint32_t line);

/* --- Time --- */

uint64_t mpam_now(const mpam_t *m);

/* -EINVAL for a time that a word of 64 bits does not hold. */
int mpam_advance(mpam_t *m, uint64_t ns);

/* When something will change by itself next: a monitor becomes ready. UINT64_MAX for never. */
uint64_t mpam_next_event(mpam_t *m);

/* --- System registers of cpus --- */

/*
 * An access by software at an exception level: op0 to op2 in 16 bits, as MPAM_SYSREG_ of mpam_regs.h. Negative as everywhere;
 * otherwise what becomes of it: MPAM_ACCESS_DONE, _UNDEFINED, _TRAP_EL2, _TRAP_EL3, or _MEMORY, redirected by NV2, with the offset
 * in the page of VNCR_EL2 in `value`.
 */
int mpam_sysreg_read(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t encoding, uint64_t *value);
int mpam_sysreg_write(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t encoding, uint64_t value, uint64_t *offset);

/* A cpu is as a reset leaves it; and, with `boot`, as boot firmware leaves it after that, which is how it is at power-on. */
int mpam_cpu_reset(mpam_t *m, uint32_t cpu, bool boot);

typedef struct mpam_label {
  uint32_t space;
  uint32_t partid;
  uint32_t pmg;
} mpam_label_t;

/* The label of a request, and how it came about (MPAM_GENERATED_); `steps` may be NULL. Kinds are MPAM_KIND_DATA and so on. */
int mpam_label(mpam_t *m, uint32_t cpu, uint32_t el, uint32_t kind, mpam_label_t *label, uint32_t *steps);

/* --- Traffic --- */

/*
 * Who sends requests: a cpu at an exception level, whose system registers label them; or somebody with a label of its own,
 * such as a device, who enters where cpu `enters` does or, with MPAM_TO_MEMORY, right at memory. A number, or negative.
 * A requester is there for good: 65,536 of them.
 */
#define MPAM_TO_MEMORY UINT32_MAX
int mpam_requester_of_cpu(mpam_t *m, uint32_t cpu, uint32_t el);
int mpam_requester_with_label(mpam_t *m, uint32_t enters, mpam_label_t label);

/* Requests of a requester that has a label of its own carry another one from now on. */
int mpam_set_label(mpam_t *m, int requester, mpam_label_t label);

typedef struct mpam_request {
  uint64_t address;
  /* 1 and more; cut at 64 bytes and at lines. */
  uint32_t bytes;
  uint16_t requester;
  /* MPAM_OP_READ, WRITE, FETCH or PREFETCH. */
  uint8_t op;
} mpam_request;

/*
 * Requests take effect now, in their order. Register writes before this call act on them; an overflow interrupt is told at the
 * record that raised it, and what a callback writes acts on the next. Bandwidth is measured, and delays nobody. `done`, which
 * may be NULL, says how many requests have run; after an error those did take effect.
 */
int mpam_traffic(mpam_t *m, const mpam_request *requests, size_t n, size_t *done);

/* --- What the hardware counted --- */

typedef struct mpam_usage {
  mpam_label_t label;
  /* At its measuring point; of a cache, what crossed to below. */
  uint64_t bytes_read;
  uint64_t bytes_written;
  /* Of a cache only. */
  uint64_t accesses;
  uint64_t misses;
  uint64_t lines;
} mpam_usage;

/* Cache slices and memory channels, in the order of the platform: caches first. */
uint32_t mpam_resource_count(const mpam_t *m);

/*
 * Counts of a label at a resource since power-on; `i` goes from 0 through numbers of labels in use. 1: here it is; 0: this number
 * has no label; -ERANGE past the last.
 */
int mpam_usage_of(mpam_t *m, uint32_t resource, uint32_t i, mpam_usage *usage);

/* --- Snapshots --- */

size_t mpam_snapshot_bytes(const mpam_t *m);
/* Into `bytes` that there is room for; of the machine alone: callbacks are the program's. */
int mpam_snapshot(mpam_t *m, void *to, size_t bytes);
/* Into a machine of the same board. -EPROTO for a snapshot of another board, -EINVAL for one that is damaged. No callback comes:
 * mpam_line_level says what the lines are. */
int mpam_restore(mpam_t *m, const void *from, size_t bytes);

/* --- Everything else that the module can --- */

/* Runs `body` with the module's instance, for the exports of mpam_wasm.h. A trap in it ends it, and gives -EIO. */
int mpam_with_module(mpam_t *m, void (*body)(struct Z_mpam_instance_t *self, void *opaque), void *opaque);

/* The module's memory, to read what its pointers lead to. */
const uint8_t *mpam_memory(const mpam_t *m, size_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
