/* SPDX-License-Identifier: Apache-2.0
 *
 * The exports of mpam.wasm. Made from assembly/index.ts by c/generate-header.mjs: change that, not this.
 *
 * For any host of WebAssembly. What crosses, and how:
 *
 *   here                 in the module  in JavaScript  meaning
 *   uint32_t             i32            number         a word; unsigned, so a host with signed ones converts
 *   mpam_wasm_pointer    i32            number         an offset into the module's memory
 *   mpam_wasm_bool       i32            boolean        0 or 1
 *   uint64_t             i64            bigint         time, ns; counts; unsigned as uint32_t
 *   mpam_wasm_i64        i64            bigint         signed: of the same bits
 *   double               f64            number         time of traces, ns
 *
 * The module imports its memory, as env.memory, and nothing more; it begins with one page and grows while it is being built.
 * The order of calls: docs/boundary.md. With wasm2c (c/README.md) these are the functions of the translated module; other
 * hosts look exports up by the names within MPAM_WASM().
 */

#ifndef MPAM_WASM_H
#define MPAM_WASM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How wasm2c of wabt 1.0.32 spells exports of a module of the name mpam, and the instance that they take first. */
#ifndef MPAM_WASM
#define MPAM_WASM(name) Z_mpamZ_##name
#endif
#ifndef MPAM_WASM_SELF
struct Z_mpam_instance_t;
#define MPAM_WASM_SELF struct Z_mpam_instance_t *self
#endif

typedef uint32_t mpam_wasm_pointer;
typedef uint32_t mpam_wasm_bool;
typedef uint64_t mpam_wasm_i64;

/* MPAM_SP: the address space of an access and of a label. */
#define MPAM_SP_SECURE 0u
#define MPAM_SP_NON_SECURE 1u
#define MPAM_SP_ROOT 2u
#define MPAM_SP_REALM 3u

/* Operations of records. */
#define MPAM_OP_READ 0u
#define MPAM_OP_WRITE 1u
#define MPAM_OP_FETCH 2u
#define MPAM_OP_PREFETCH 3u

/* The byte of a record: the operation, and its bytes (1 to 64) less one. */
#define MPAM_WASM_META(op, bytes) ((uint8_t)(((op) << 6) | ((bytes) - 1u)))

/* A label as a word: space [25:24], PMG [23:16], PARTID [15:0]. */
#define MPAM_WASM_LABEL(space, partid, pmg) (((uint32_t)(space) << 24) | ((uint32_t)(pmg) << 16) | (uint32_t)(partid))

/* The first word of a staged access. */
#define MPAM_WASM_OPERATION_SPACE_SHIFT 16
#define MPAM_WASM_OPERATION_WRITE 0x00040000u
#define MPAM_WASM_OPERATION_WIDE 0x00080000u

/* What runQuanta came back for. */
#define MPAM_WASM_QUANTA_DONE 0u
#define MPAM_WASM_QUANTA_DRY 1u
#define MPAM_WASM_QUANTA_STOPPED 2u
#define MPAM_WASM_QUANTA_INTERRUPTS 3u

/* assembly/root.ts */
/* Changes whenever a struct laid out under the root changes. */
#define MPAM_WASM_LAYOUT 12u
/* Records staged for one call at most: V8 replaces code between calls only, so calls are kept short. */
#define MPAM_WASM_CALL_RECORDS 65536u
/* Columns are readable this many records past their end: kernels look ahead. */
#define MPAM_WASM_LOOK_AHEAD 16u
#define MPAM_WASM_MAX_MSCS 1024u
/* Cache slices and memory channels. */
#define MPAM_WASM_MAX_RESOURCES 2048u
/* Names no resource: memory, where a cache could be named. */
#define MPAM_WASM_NO_RESOURCE 0xffffffffu
/* Cache levels are 1 to 4. */
#define MPAM_WASM_MAX_LEVEL 4u

/* assembly/pe/owners.ts */
#define MPAM_SPACES 4u

/* assembly/events.ts */
#define MPAM_EVENT_ERROR 0u
#define MPAM_EVENT_OVERFLOW 1u
#define MPAM_DELIVERY_WIRE 0u
#define MPAM_DELIVERY_PULSE 1u
#define MPAM_DELIVERY_MSI 2u

/* assembly/model/cache.ts */
#define MPAM_CACHE_LRU 0u
#define MPAM_CACHE_PLRU 1u
#define MPAM_CACHE_NRU 2u
#define MPAM_CACHE_RANDOM 3u
#define MPAM_CACHE_INCLUSIVE 1u
#define MPAM_CACHE_RELABEL 2u
#define MPAM_CACHE_UPSTREAM 4u

/* assembly/msc/batch.ts */
/* An access: the word that says what it is, its offset, its value low and high. */
#define MPAM_WASM_OPERATION_BYTES 16u
#define MPAM_WASM_OPERATIONS 4096u

/* assembly/regs/options.ts */
/* What a part chooses where the architecture leaves a choice, as one word of addMsc; and the NRDY word of addRis. */
#define MPAM_OPTION_SELECTOR_CHECK 3u
#define MPAM_SELECTOR_ACS 0u
#define MPAM_SELECTOR_REJECT 1u
#define MPAM_SELECTOR_LAZY 2u
#define MPAM_OPTION_ERROR_EDGE 4u
/* `resetFill` of addMsc holds for all PARTIDs but 0. */
#define MPAM_OPTION_RESET_FILL 8u
#define MPAM_OPTION_NFU_POISON 0x10u
#define MPAM_OPTION_CLEARS_CONDITIONAL 0x20u
#define MPAM_OPTION_UNFREEZE_FRZ 0x40u
#define MPAM_OPTION_SCALE_FLOOR 0x80u
/* Capture events that exist: bit n of the field for event n + 1. */
#define MPAM_OPTION_CAPT_EVENTS 0x3f00u
/* Errata (docs/modelled.md). T241-MPAM-6: MBWU monitors count units of 64 bytes. */
#define MPAM_OPTION_MBWU_UNITS 0x4000u
/* CMN-650-3642720: CSU monitors of hardware's NRDY are never ready. */
#define MPAM_OPTION_CSU_NEVER_READY 0x8000u
/* T241-MPAM-4: MBW_MIN is what limits. */
#define MPAM_OPTION_MIN_LIMITS 0x10000u
#define MPAM_NRDY_CSU 3u
#define MPAM_NRDY_MBWU 0xcu
#define MPAM_NRDY_HW 0u
#define MPAM_NRDY_SW 1u
#define MPAM_NRDY_NONE 2u

/* assembly/regs/pe-words.ts */
/* Words that cross about a cpu and that no register holds: what it chooses, what becomes of an access, how a label
 * came about. What a cpu chooses where the architecture leaves a choice, as one word of addPe (docs/modelled.md,
 * "The processor side"). */
#define MPAM_PE_RESET_ONES 1u
#define MPAM_PE_VIRTUAL 6u
#define MPAM_VIRTUAL_DEFAULT 0u
#define MPAM_VIRTUAL_ZERO 1u
#define MPAM_VIRTUAL_WRAP 2u
#define MPAM_PE_PHYSICAL_MAX 8u
#define MPAM_PE_PMG_MAX 0x10u
#define MPAM_PE_ERROR_PMG_ZERO 0x20u
#define MPAM_PE_NARROW_PHYPARTID 0x40u
#define MPAM_PE_STREAMING_AS_EL 0x80u
#define MPAM_PE_FRCD_FORCED 0x100u
/* MPAM3_EL3.FORCE_NS is 1 whatever is written. */
#define MPAM_PE_FORCE_NS_RAO 0x200u
/* What boot firmware does. */
#define MPAM_PE_FIRMWARE_ENABLES 0x400u
#define MPAM_PE_FIRMWARE_TRAPS 0x800u
/* What becomes of an access. */
#define MPAM_ACCESS_DONE 0u
#define MPAM_ACCESS_UNDEFINED 1u
#define MPAM_ACCESS_TRAP_EL2 2u
#define MPAM_ACCESS_TRAP_EL3 3u
/* Redirected to an offset of the page that VNCR_EL2 names. */
#define MPAM_ACCESS_MEMORY 4u
/* Kinds of request. */
#define MPAM_KIND_DATA 0u
#define MPAM_KIND_FETCH 1u
/* Data of SME and of streaming mode. */
#define MPAM_KIND_STREAMING 2u
/* An access that NV2 made of an access to a register. */
#define MPAM_KIND_NV2 3u
/* In place of a security state: the one that the cpu's registers say. */
#define MPAM_WORLD_NOW 0xffffffffu
/* How a label came about. The register it was taken from: 0 to 3 MPAM0_EL1 to MPAM3_EL3, or MPAMSM_EL1. */
#define MPAM_GENERATED_SOURCE 7u
#define MPAM_SOURCE_MPAMSM 4u
/* No register was asked: the cpu has no MPAM; or MPAMEN is 0; or SDEFLT is 1 in Secure state. */
#define MPAM_GENERATED_NO_MPAM 8u
#define MPAM_GENERATED_DISABLED 0x10u
#define MPAM_GENERATED_SDEFLT 0x20u
/* The register holds a virtual PARTID, and which entry it led to, unless it was an error before or no entry was
 * valid. */
#define MPAM_GENERATED_VIRTUAL 0x40u
#define MPAM_GENERATED_MAPPED 0x80u
#define MPAM_GENERATED_ENTRY 0x1f00u
/* The entry was not valid, and entry 0 stands for it; nor was entry 0. */
#define MPAM_GENERATED_ENTRY_INVALID 0x2000u
#define MPAM_GENERATED_ZERO_INVALID 0x4000u
/* The virtual PARTID has no entry, and another one's was taken; the physical PARTID was above PARTID_MAX, which
 * stands for it. */
#define MPAM_GENERATED_VIRTUAL_MOVED 0x8000u
#define MPAM_GENERATED_PHYSICAL_CAPPED 0x10000u
/* Errors that made the PARTID 0: the register's above PARTID_MAX; a virtual one without an entry; an entry's above
 * PARTID_MAX. */
#define MPAM_GENERATED_ERROR_PARTID 0x20000u
#define MPAM_GENERATED_ERROR_VIRTUAL 0x40000u
#define MPAM_GENERATED_ERROR_PHYSICAL 0x80000u
/* The PMG was above PMG_MAX. */
#define MPAM_GENERATED_ERROR_PMG 0x100000u
/* The space is the alternative one; and: it is Non-secure by FORCE_NS. */
#define MPAM_GENERATED_ALTERNATIVE 0x200000u
#define MPAM_GENERATED_FORCED_NS 0x400000u
/* The security state, MPAM_SP. */
#define MPAM_GENERATED_STATE 0x3000000u
/* Any of these makes a label flawed. */
#define MPAM_GENERATED_ERRORS 0x1e0000u
/* High word of a bandwidth limit, whose low word is a 16.16 number. */
#define MPAM_LIMIT_HI_THERE 1u
#define MPAM_LIMIT_HI_HARD 2u
#define MPAM_LIMIT_HI_SCALED 4u

/* --- build.ts: Building a machine: memory is laid out once, in the order of these calls, and sealed. */

/* Opens an empty memory. Owners and requesters are capacities; scratch is memory for a host's own columns. */
void MPAM_WASM(init)(MPAM_WASM_SELF, uint32_t owners, uint32_t requesters, uint32_t scratch_bytes);

/* An MSC before a resource: its number. `msmonIdr`: bits of the whole MSC; `options`: regs/options.ts; ID registers
 * as software will read them, less the limits of a bank. */
uint32_t MPAM_WASM(addMsc)(
    MPAM_WASM_SELF,
    uint32_t resource,
    uint32_t aidr,
    uint32_t iidr,
    uint32_t idr,
    uint32_t idr_hi,
    uint32_t ris_max,
    uint32_t msmon_idr,
    uint32_t nrw_idr,
    uint32_t in_tl_idr,
    uint32_t out_tl_idr,
    uint32_t options,
    uint32_t reset_fill,
    uint64_t nrdy_ns);

/* The registers of an MSC in an address space (MPAM_SP), with the limits that they tell there. Right after its
 * `addMsc`, at most one for each space. */
void MPAM_WASM(addBank)(MPAM_WASM_SELF, uint32_t msc, uint32_t space, uint32_t partid_max, uint32_t pmg_max);

/* A resource instance of an MSC, after its banks: its ID registers as software will read them. spaces: Bit n: it
 * exists in the bank of space n (MPAM_SP). idr_hi: NO_IMPL_PART and NO_IMPL_MSMON. winwd: Reset value of
 * MPAMCFG_MBW_WINWD. nrdy: How NRDY works: regs/options.ts. fixed_window: 1: the allowance of a bandwidth window is
 * all there when it begins. */
void MPAM_WASM(addRis)(
    MPAM_WASM_SELF,
    uint32_t msc,
    uint32_t ris,
    uint32_t spaces,
    uint32_t idr,
    uint32_t idr_hi,
    uint32_t impl_idr,
    uint32_t cpor_idr,
    uint32_t ccap_idr,
    uint32_t mbw_idr,
    uint32_t pri_idr,
    uint32_t msmon_idr,
    uint32_t csumon_idr,
    uint32_t mbwumon_idr,
    uint32_t winwd,
    uint32_t nrdy,
    uint32_t fixed_window);

/* The next cpu: its ID registers as software will read them, and what it chooses (regs/pe-words.ts). It is booted.
 * bytes_per_second: What 1.0 means in its bandwidth limits. */
void MPAM_WASM(addPe)(
    MPAM_WASM_SELF,
    uint32_t pfr0,
    uint32_t pfr0_hi,
    uint32_t pfr1,
    uint32_t idr,
    uint32_t idr_hi,
    uint32_t bwidr,
    uint32_t bwidr_hi,
    uint32_t options,
    uint64_t bytes_per_second);

/* Gives every RIS its tables and monitors in every bank, and closes the machine. Returns the bytes it takes. */
uint32_t MPAM_WASM(seal)(MPAM_WASM_SELF);

/* --- topology.ts: Caches, memory and what leads where: the shape of a machine. */

/* What is alike in the whole machine; right after `init`. */
void MPAM_WASM(configure)(
    MPAM_WASM_SELF,
    uint32_t line_shift,
    uint32_t lines_per_page,
    uint32_t numa_fill,
    uint64_t quantum_ns,
    uint32_t outstanding,
    uint32_t closed_requesters,
    uint32_t seed);

/* Room for so many threads, 1 to 8; after `configure`, and only in the build for shared memory. */
void MPAM_WASM(reserve)(MPAM_WASM_SELF, uint32_t threads);

/* A cache of `slices` slices of `sets` sets each: the resource number of the first; the others follow it. */
uint32_t MPAM_WASM(addCache)(
    MPAM_WASM_SELF,
    uint32_t level,
    uint32_t slices,
    uint32_t sets,
    uint32_t ways,
    uint32_t policy,
    uint32_t flags,
    uint32_t portions_max,
    uint32_t latency_ns,
    uint64_t bytes_per_second);

/* A memory node: the resource number of its first channel; the others follow it. */
uint32_t MPAM_WASM(addNode)(
    MPAM_WASM_SELF,
    uint32_t channels,
    uint64_t lines,
    uint64_t bytes_per_second,
    uint32_t latency_ns);

/* Which cache's requests go to which, by first slices; NO_RESOURCE for memory, which is where they go unless told
 * otherwise. */
void MPAM_WASM(setBelow)(MPAM_WASM_SELF, uint32_t cache, uint32_t below);

/* Where a requester's records enter: a cache's first slice, or NO_RESOURCE for memory. */
void MPAM_WASM(setEntry)(MPAM_WASM_SELF, uint32_t requester, uint32_t cache);

/* --- replay/cpus.ts: Which requester each cpu ran last. No kernel keeps it: when a call has run its records, the column
 * of requesters is gone through from its end, until every cpu has been met whose last requester can be another one
 * now. Closed timing has no column, and few records for its time: there each requester is noted when it comes to
 * issue. */

/* The requester of the last record that a cpu ran; all ones for none yet. */
uint32_t MPAM_WASM(lastRequester)(MPAM_WASM_SELF, uint32_t number);

/* Puts a requester on a cpu; before, it was on another or on none. */
void MPAM_WASM(setCpu)(MPAM_WASM_SELF, uint32_t requester, uint32_t number);

/* --- replay/handover.ts: Closed timing: staged records go to the streams of their requesters, in bulk. */

/* Gives a stream `n` records of its own from where `handed` says, no more than it has room for: times f64, lines
 * u32, metas u8. */
void MPAM_WASM(giveHanded)(MPAM_WASM_SELF, uint32_t index, uint32_t n);

/* Gives staged records to their streams, in order, up to the first that cannot be taken: where it is staged, or all
 * ones. */
uint32_t MPAM_WASM(giveStaged)(MPAM_WASM_SELF);

/* Whether records of a stream wait outside, so that none may come before them. */
void MPAM_WASM(setBehind)(MPAM_WASM_SELF, uint32_t index, mpam_wasm_bool behind);

/* Records that are to be passed over before a stream takes any: it has them from before. */
void MPAM_WASM(setSkip)(MPAM_WASM_SELF, uint32_t index, uint32_t records);

/* Records that a stream still passes over (setSkip). */
uint32_t MPAM_WASM(streamSkip)(MPAM_WASM_SELF, uint32_t index);

/* Records that a stream has taken, modulo 2^32. */
uint32_t MPAM_WASM(streamTaken)(MPAM_WASM_SELF, uint32_t index);

/* --- replay/intake.ts: Records on their way in: each trace is a feed, which is given columns as its file has them.
 * taking.ts makes records of them and staging.ts puts those of all feeds into one order. Nothing of this is state of
 * the hardware. */

/* The next columns begin with row `row` after `skip` rows; the row before them had the time `traced`; `left` rows
 * may be taken. */
void MPAM_WASM(beginRows)(
    MPAM_WASM_SELF,
    uint32_t feed,
    double row,
    double traced,
    double later,
    uint32_t skip,
    uint32_t left);

/* The next row of a feed is taken another way: it has no columns any more. */
void MPAM_WASM(dropColumns)(MPAM_WASM_SELF, uint32_t feed);

/* The first feed that has no record at hand and has not ended; all ones when there is none. */
uint32_t MPAM_WASM(dryFeed)(MPAM_WASM_SELF);

/* Nothing comes after what a feed has. */
void MPAM_WASM(endFeed)(MPAM_WASM_SELF, uint32_t feed);

/* Rows of the columns that have been taken whole. */
uint32_t MPAM_WASM(feedNext)(MPAM_WASM_SELF, uint32_t feed);

/* Records of that row that have been taken: a row across lines is several. */
uint32_t MPAM_WASM(feedPart)(MPAM_WASM_SELF, uint32_t feed);

/* The row of its trace that a feed takes next, from 0. */
double MPAM_WASM(feedRow)(MPAM_WASM_SELF, uint32_t feed);

/* Records taken from a feed since it was opened, modulo 2^32. */
uint32_t MPAM_WASM(feedTaken)(MPAM_WASM_SELF, uint32_t feed);

/* Gives a feed that has none its next columns. */
void MPAM_WASM(giveColumns)(
    MPAM_WASM_SELF,
    uint32_t feed,
    uint32_t form,
    uint32_t rows,
    mpam_wasm_pointer lines,
    mpam_wasm_pointer requesters,
    mpam_wasm_pointer metas,
    mpam_wasm_pointer times,
    mpam_wasm_pointer bytes);

/* Where records are handed over that are not staged. */
mpam_wasm_pointer MPAM_WASM(handed)(MPAM_WASM_SELF);

/* Where memory for columns ends. */
mpam_wasm_pointer MPAM_WASM(intakeEnd)(MPAM_WASM_SELF);

/* Where the intake begins, on a page of its own; nothing comes after it. */
mpam_wasm_pointer MPAM_WASM(intakeStart)(MPAM_WASM_SELF);

/* Whether a feed has no record at hand. */
mpam_wasm_bool MPAM_WASM(isDry)(MPAM_WASM_SELF, uint32_t feed);

/* Whether the row that a feed has next cannot be taken, so that the host has to look at it another way. */
mpam_wasm_bool MPAM_WASM(isRefused)(MPAM_WASM_SELF, uint32_t feed);

/* Model time of the next record that is not staged, where no feed is dry; Infinity when all have ended. */
double MPAM_WASM(nextTime)(MPAM_WASM_SELF);

/* `feeds` traces, at most MAX_FEEDS, begin at `start`. Answers where memory for their columns begins. */
mpam_wasm_pointer MPAM_WASM(openIntake)(MPAM_WASM_SELF, uint32_t feeds, double start);

/* Who asks in a feed, `count` entries at `askers`. */
void MPAM_WASM(setAskers)(MPAM_WASM_SELF, uint32_t feed, mpam_wasm_pointer askers, uint32_t count);

/* --- replay/requests.ts: Requests in place of records: what another run has handed over at the border comes in there
 * (model/border.ts). A requester stands for a label and for the cache where its requests go. Requests of one record
 * are never taken apart where that could be seen: what is exact to the record is so here too. */

/* Nobody uses a requester any more. */
void MPAM_WASM(forgetSender)(MPAM_WASM_SELF, uint32_t requester);

/* A requester stands for requests of a label (pe/owners.ts) to a cache, by its first slice, or to memory. False when
 * the labels in use are too many. */
mpam_wasm_bool MPAM_WASM(setSender)(MPAM_WASM_SELF, uint32_t requester, uint32_t label, uint32_t cache);

/* --- replay/staging.ts: Records of several traces in one order, (time, file, row), in the columns that the loop takes. */

/* The first `count` of those that have not run have run now. */
void MPAM_WASM(ran)(MPAM_WASM_SELF, uint32_t count);

/* Passes over records of a feed; how many it had not at hand. */
uint32_t MPAM_WASM(skipRecords)(MPAM_WASM_SELF, uint32_t feed, uint32_t records);

/* Stages records before `before` until there are `most` of them that have not run; what had not run goes to the
 * front. Answers a feed whose next record has to be known first and is not at hand, or all ones. */
uint32_t MPAM_WASM(stage)(MPAM_WASM_SELF, double before, uint32_t most);

/* Of the records that have not run, how many are before `before`. */
uint32_t MPAM_WASM(stagedBefore)(MPAM_WASM_SELF, double before);

/* Staged records that have not run begin here, and end there. */
uint32_t MPAM_WASM(stagedFirst)(MPAM_WASM_SELF);

/* Staged records that have not run. */
uint32_t MPAM_WASM(stagedRecords)(MPAM_WASM_SELF);

/* Model time of a staged record, counted from the first of those staged last; Infinity past them. */
double MPAM_WASM(stagedTime)(MPAM_WASM_SELF, uint32_t index);

/* Stages what a feed has at hand, whatever the others have: `most` records of it at most. Nothing else may be
 * staged. */
void MPAM_WASM(stageFeed)(MPAM_WASM_SELF, uint32_t feed, uint32_t most);

/* How many of the staged records that have not run came from a feed. */
uint32_t MPAM_WASM(waitingOf)(MPAM_WASM_SELF, uint32_t feed);

/* The layout version when this memory holds a machine this module understands, else 0. Changes nothing. */
uint32_t MPAM_WASM(attach)(MPAM_WASM_SELF);

/* --- Registers. Spaces are MPAM_SP: 0 Secure, 1 Non-secure, 2 Root, 3 Realm. Offsets are word aligned. */

/* A word of the page of an MSC. Words that no register has read as 0. */
uint32_t MPAM_WASM(read32)(MPAM_WASM_SELF, uint32_t msc, uint32_t offset, uint32_t space);

/* Writes a word of the page of an MSC. Interrupts that it raises wait among the events. */
void MPAM_WASM(write32)(MPAM_WASM_SELF, uint32_t msc, uint32_t offset, uint32_t value, uint32_t space);

/* Where a batch of accesses is staged: OPERATION_BYTES each, at most OPERATIONS of them. */
mpam_wasm_pointer MPAM_WASM(operations)(MPAM_WASM_SELF);

/* Runs the first `n` staged accesses in order, or fewer where interrupts must be taken first: how many. What they
 * read stands in their value words. */
uint32_t MPAM_WASM(batch)(MPAM_WASM_SELF, uint32_t n);

/* An external capture event, 1..6, at an MSC; one that it does not have does nothing. */
void MPAM_WASM(capture)(MPAM_WASM_SELF, uint32_t msc, uint32_t event);

/* The entry of the settings tables that an access of a control (its offset) would touch now; all ones for none.
 * Records no error. */
uint32_t MPAM_WASM(selectedEntry)(MPAM_WASM_SELF, uint32_t msc, uint32_t space, uint32_t offset);

/* A word of the settings by RIS and entry, whatever is selected; 0 where there is none. */
uint32_t MPAM_WASM(readSetting)(
    MPAM_WASM_SELF,
    uint32_t msc,
    uint32_t space,
    uint32_t ris,
    uint32_t entry,
    uint32_t offset);

/* Writes a word of the settings by RIS and entry, past selectors and errors; nothing where there is none. */
void MPAM_WASM(writeSetting)(
    MPAM_WASM_SELF,
    uint32_t msc,
    uint32_t space,
    uint32_t ris,
    uint32_t entry,
    uint32_t offset,
    uint32_t value);

/* Whether an MSC holds a wire up: 0 its error interrupt, 1 its overflow interrupt. */
mpam_wasm_bool MPAM_WASM(isWireUp)(MPAM_WASM_SELF, uint32_t msc, uint32_t kind);

/* An MSC loses its registers: all of them are as at power-on, and traffic goes by that from the next edge. */
void MPAM_WASM(resetMsc)(MPAM_WASM_SELF, uint32_t msc);

/* --- Time, edges and labels. */

/* Time moves to `ns` since power-on. Never back. */
void MPAM_WASM(setNow)(MPAM_WASM_SELF, uint64_t ns);

/* Model time, ns. */
uint64_t MPAM_WASM(now)(MPAM_WASM_SELF);

/* When a monitor becomes ready next; all ones for never. No call of `replay` or `serve` may reach past it. */
uint64_t MPAM_WASM(nextReady)(MPAM_WASM_SELF);

/* Whether written configuration, or labels that have come into use, wait for an edge. */
mpam_wasm_bool MPAM_WASM(pending)(MPAM_WASM_SELF);

/* What has been written acts on traffic from here on. Labels that have come into use are settled. */
void MPAM_WASM(edge)(MPAM_WASM_SELF);

/* Counts exception levels apart or not: for requesters that are labelled from now on. */
void MPAM_WASM(setByLevel)(MPAM_WASM_SELF, mpam_wasm_bool on);

/* The exception level of a requester's records, which only counts ask for; a device has none. */
void MPAM_WASM(setLevel)(MPAM_WASM_SELF, uint32_t requester, uint32_t el);

/* Labels one kind of request (op 0 read, 1 write, 2 fetch, 3 prefetch). False when the labels in use are too many. */
mpam_wasm_bool MPAM_WASM(setLabel)(
    MPAM_WASM_SELF,
    uint32_t requester,
    uint32_t op,
    uint32_t space,
    uint32_t partid,
    uint32_t pmg);

/* --- System registers of cpus (docs/boundary.md; regs/pe-words.ts). A cpu's number is below how many were added. */

/* An access by software at an exception level: what becomes of it. */
uint32_t MPAM_WASM(accessRegister)(
    MPAM_WASM_SELF,
    uint32_t cpu,
    uint32_t el,
    uint32_t encoding,
    mpam_wasm_bool write,
    uint64_t value);

/* What the last access read or wrote, or the offset to which it was redirected; once, so that looking leaves memory
 * as it was. */
uint64_t MPAM_WASM(accessed)(MPAM_WASM_SELF);

/* Whether a cpu has the register of this name. */
mpam_wasm_bool MPAM_WASM(hasRegister)(MPAM_WASM_SELF, uint32_t cpu, uint32_t encoding);

/* What a register reads as, whoever may read it; only where there is one. */
uint64_t MPAM_WASM(peekRegister)(MPAM_WASM_SELF, uint32_t cpu, uint32_t encoding);

/* Writes a register past all traps; only where there is one. */
void MPAM_WASM(pokeRegister)(MPAM_WASM_SELF, uint32_t cpu, uint32_t encoding, uint64_t value);

/* A cpu is as a reset leaves it. */
void MPAM_WASM(resetPe)(MPAM_WASM_SELF, uint32_t cpu);

/* A cpu is as boot firmware leaves it, after a reset. */
void MPAM_WASM(bootPe)(MPAM_WASM_SELF, uint32_t cpu);

/* Keeps a copy of a cpu's registers, the only one there is; `restorePe` of that cpu takes it back, and leaves none. */
void MPAM_WASM(savePe)(MPAM_WASM_SELF, uint32_t cpu);

/* A cpu has the registers of the copy that `savePe` made of it; there is no copy afterwards. */
void MPAM_WASM(restorePe)(MPAM_WASM_SELF, uint32_t cpu);

/* The label of a request of a kind, as a word (pe/owners.ts). */
uint32_t MPAM_WASM(generate)(MPAM_WASM_SELF, uint32_t cpu, uint32_t el, uint32_t kind);

/* How the last one came about; once, as `accessed`. */
uint32_t MPAM_WASM(generated)(MPAM_WASM_SELF);

/* Labels all requests of a requester as the cpu would now, in a security state (MPAM_SP) or all ones for that of its
 * registers. False when no owner is left. */
mpam_wasm_bool MPAM_WASM(fillLabels)(MPAM_WASM_SELF, uint32_t requester, uint32_t cpu, uint32_t el, uint32_t world);

/* The bandwidth limit of a kind of request: a 16.16 number with LIMIT_HI_ bits above it; 0 without one. */
uint64_t MPAM_WASM(bandwidthLimit)(MPAM_WASM_SELF, uint32_t cpu, uint32_t el, uint32_t kind);

/* Puts a requester under the limit that its cpu's registers now have for data; `fillLabels` does, too. */
void MPAM_WASM(fillLimit)(MPAM_WASM_SELF, uint32_t requester, uint32_t cpu, uint32_t el);

/* How long the limits of its cpu have stalled a requester, ns. */
uint64_t MPAM_WASM(stalledNs)(MPAM_WASM_SELF, uint32_t requester);

/* --- Traffic. */

/* Where line numbers of records are staged, u32 each: the address shifted right by `lineShift`. Room for
 * CALL_RECORDS and LOOK_AHEAD more. */
mpam_wasm_pointer MPAM_WASM(stagedLines)(MPAM_WASM_SELF);

/* Where the requesters of staged records are, u16 each. */
mpam_wasm_pointer MPAM_WASM(stagedRequesters)(MPAM_WASM_SELF);

/* Where the operations and bytes of staged records are, a byte each: bytes less one in bits 5:0, operation in bits
 * 7:6. */
mpam_wasm_pointer MPAM_WASM(stagedMetas)(MPAM_WASM_SELF);

/* Memory for columns of the host's own: as many bytes as `init` was told. */
mpam_wasm_pointer MPAM_WASM(scratch)(MPAM_WASM_SELF);

/* Replays the first `n` staged records; returns how many ran. */
uint32_t MPAM_WASM(replay)(MPAM_WASM_SELF, uint32_t n);

/* The same for columns elsewhere in memory, readable 16 records past their end. */
uint32_t MPAM_WASM(replayFrom)(
    MPAM_WASM_SELF,
    mpam_wasm_pointer lines,
    mpam_wasm_pointer requesters,
    mpam_wasm_pointer metas,
    uint32_t n);

/* Requests that arrive at a channel labelled: keys u16 (owner * 2 + 1 for a write), bytes u32, none above `most`. */
uint32_t MPAM_WASM(serve)(
    MPAM_WASM_SELF,
    uint32_t resource,
    mpam_wasm_pointer keys,
    mpam_wasm_pointer bytes,
    uint32_t n,
    uint32_t most);

/* Records run since power-on. */
uint64_t MPAM_WASM(records)(MPAM_WASM_SELF);

/* Ends a replay at the record that raises an overflow interrupt. */
void MPAM_WASM(setStop)(MPAM_WASM_SELF, mpam_wasm_bool on_overflow);

/* Whether the last call ended before its end, at a record that raised an overflow interrupt (setStop). */
mpam_wasm_bool MPAM_WASM(stopped)(MPAM_WASM_SELF);

/* Traffic in open timing with line numbers up to `highest` is coming: chooses layouts and kernels for it. */
void MPAM_WASM(fit)(MPAM_WASM_SELF, uint32_t highest);

/* Forces the wide layout and with it the general kernel, until taken back; results do not depend on it. */
void MPAM_WASM(setWide)(MPAM_WASM_SELF, mpam_wasm_bool wide);

/* Forces records to run one by one, until taken back; results do not depend on it. */
void MPAM_WASM(setSingle)(MPAM_WASM_SELF, mpam_wasm_bool single);

/* Records that ran: 0 on specialised kernels, 1 in bulk on the general path, 2 one by one; 3 of the first two by
 * several threads. */
uint64_t MPAM_WASM(recordsBy)(MPAM_WASM_SELF, uint32_t way);

/* Whether the first slice is in its wide layout. */
mpam_wasm_bool MPAM_WASM(isWide)(MPAM_WASM_SELF);

/* The machine is part `index` of `count` from now on: in open timing it runs everything before the last level, and
 * there the slices whose number modulo `count` is `index`. */
void MPAM_WASM(setPart)(MPAM_WASM_SELF, uint32_t index, uint32_t count);

/* Of how many parts the machine is one; 0 for a whole one. */
uint32_t MPAM_WASM(parts)(MPAM_WASM_SELF);

/* What crosses the border in front of the last level in open timing, from now on: 0 nothing but the traffic, 1 what
 * comes there is handed over and not run, 2 requests come in there in place of records (docs/boundary.md). */
void MPAM_WASM(setCrossing)(MPAM_WASM_SELF, uint32_t crossing);

/* Where requests are handed over, 16 bytes each, and how many there is room for, 64 or more: before
 * `setCrossing(1)`. */
void MPAM_WASM(handOverAt)(MPAM_WASM_SELF, mpam_wasm_pointer at, uint32_t room);

/* Requests handed over since the last time. A call of `replay` ends early where there is no room for those of
 * another record. */
uint32_t MPAM_WASM(takeHanded)(MPAM_WASM_SELF);

/* Whether what only the general path counts is wanted, from now on. */
void MPAM_WASM(setDetailed)(MPAM_WASM_SELF, mpam_wasm_bool detailed);

/* --- Threads (replay/crew.ts): one owns the machine and calls everything else, the others only `work`. In the build for
 * shared memory. */

/* Before the other threads begin to `work`: so many share long spans from now on; `maySleep`: the owner's host lets
 * it sleep. */
void MPAM_WASM(setThreads)(MPAM_WASM_SELF, uint32_t threads, mpam_wasm_bool may_sleep);

/* Spans of fewer records than this are for the owner alone; results do not depend on it. */
void MPAM_WASM(shareFrom)(MPAM_WASM_SELF, uint32_t records);

/* On a thread of its own, 1 and up: waits for a span and runs its share. False when the thread is to end. */
mpam_wasm_bool MPAM_WASM(work)(MPAM_WASM_SELF, uint32_t thread);

/* Threads that there is room for; 0 for the owner alone. */
uint32_t MPAM_WASM(threadCapacity)(MPAM_WASM_SELF);

/* Lets the other threads end. */
void MPAM_WASM(dismiss)(MPAM_WASM_SELF);

/* --- Closed timing (replay/closed.ts). */

/* The stream of a requester's records, opened if need be; all ones when there are too many. */
uint32_t MPAM_WASM(openStream)(MPAM_WASM_SELF, uint32_t requester);

/* Records a stream can take now. */
uint32_t MPAM_WASM(streamRoom)(MPAM_WASM_SELF, uint32_t stream);

/* Appends a record: meta as in the columns, time as the trace has it. Only where there is room. */
void MPAM_WASM(append)(MPAM_WASM_SELF, uint32_t stream, uint32_t line, uint32_t meta, uint64_t time);

/* Traces have been read up to this time: no stream gets anything earlier yet. */
void MPAM_WASM(setHorizon)(MPAM_WASM_SELF, uint64_t ns);

/* The quantum that runs next, or runs now. */
uint64_t MPAM_WASM(quantum)(MPAM_WASM_SELF);

/* Nothing comes after what a stream has. */
void MPAM_WASM(endStream)(MPAM_WASM_SELF, uint32_t stream);

/* Records of a stream that have been issued. */
uint32_t MPAM_WASM(streamIssued)(MPAM_WASM_SELF, uint32_t stream);

/* Ends a replay in closed timing: streams are given back. */
void MPAM_WASM(closeStreams)(MPAM_WASM_SELF);

/* Runs the quanta that begin before `until`: 0 done, 1 a stream has run dry, 2 an armed stop, 3 interrupts after a
 * quantum. Called again it goes on. */
uint32_t MPAM_WASM(runQuanta)(MPAM_WASM_SELF, uint64_t until);

/* Whether a quantum has begun and not ended. */
mpam_wasm_bool MPAM_WASM(inQuantum)(MPAM_WASM_SELF);

/* Records that streams have at hand. */
uint64_t MPAM_WASM(unissuedRecords)(MPAM_WASM_SELF);

/* Requests that ports hold back now. */
uint32_t MPAM_WASM(heldRequests)(MPAM_WASM_SELF);

/* --- Interrupts, oldest first, until they are cleared. */

/* Events that wait. Look after every call that accesses registers, moves time or runs records. */
uint32_t MPAM_WASM(eventCount)(MPAM_WASM_SELF);

/* What the interrupt is for: EVENT_ERROR or EVENT_OVERFLOW. */
uint32_t MPAM_WASM(eventKind)(MPAM_WASM_SELF, uint32_t index);

/* The MSC it comes from. */
uint32_t MPAM_WASM(eventMsc)(MPAM_WASM_SELF, uint32_t index);

/* The bank it comes from (MPAM_SP); of a wire, the one that changed it. */
uint32_t MPAM_WASM(eventSpace)(MPAM_WASM_SELF, uint32_t index);

/* 1: the wire rises; 0: it is released. 1 for pulses and MSIs. */
uint32_t MPAM_WASM(eventLevel)(MPAM_WASM_SELF, uint32_t index);

/* 0 a wire, 1 a pulse, 2 an MSI; pulses and MSIs with how many there were. */
uint32_t MPAM_WASM(eventDelivery)(MPAM_WASM_SELF, uint32_t index);

/* How many pulses or MSIs alike there were since the events were cleared; 1 for a wire. */
uint32_t MPAM_WASM(eventRepeats)(MPAM_WASM_SELF, uint32_t index);

/* The address to which an MSI writes, in the address space of its bank. */
uint64_t MPAM_WASM(eventAddress)(MPAM_WASM_SELF, uint32_t index);

/* The word that an MSI writes. */
uint32_t MPAM_WASM(eventData)(MPAM_WASM_SELF, uint32_t index);

/* MPAMF_ERR_MSI_ATTR or MSMON_OFLOW_MSI_ATTR as the bank has it: memory attributes and shareability of an MSI. */
uint32_t MPAM_WASM(eventAttributes)(MPAM_WASM_SELF, uint32_t index);

/* The label on the write of an MSI: PARTID [15:0], PMG [23:16]. */
uint32_t MPAM_WASM(eventMpam)(MPAM_WASM_SELF, uint32_t index);

/* Records run since power-on when it happened, the one that made it among them; 0 for what an edge let through. */
uint64_t MPAM_WASM(eventRecord)(MPAM_WASM_SELF, uint32_t index);

/* Model time when it happened, ns; within a call of open timing that stands still. */
uint64_t MPAM_WASM(eventTime)(MPAM_WASM_SELF, uint32_t index);

/* Forgets the events: the host has them all. */
void MPAM_WASM(clearEvents)(MPAM_WASM_SELF);

/* --- What the hardware holds, for statistics and comparisons. */

/* Numbers of owners that are or were in use; they begin at 0. */
uint32_t MPAM_WASM(ownerCount)(MPAM_WASM_SELF);

/* How often a number has been taken from one label, with its counts, for another. */
uint32_t MPAM_WASM(ownersReused)(MPAM_WASM_SELF);

/* Space [25:24], PMG [23:16], PARTID [15:0]; all ones for a number that carries no label. */
uint32_t MPAM_WASM(ownerLabel)(MPAM_WASM_SELF, uint32_t index);

/* The owner of a label; all ones for a label that is not in use. */
uint32_t MPAM_WASM(ownerOf)(MPAM_WASM_SELF, uint32_t space, uint32_t partid, uint32_t pmg);

/* The label that a kind of request (op) of a requester carries, as a word. */
uint32_t MPAM_WASM(labelOf)(MPAM_WASM_SELF, uint32_t requester, uint32_t op);

/* Bytes of an owner that a monitor of bandwidth at this resource has seen, in one direction. */
uint64_t MPAM_WASM(bytesMoved)(MPAM_WASM_SELF, uint32_t resource, uint32_t index, mpam_wasm_bool write);

/* Requests of an owner to a cache slice, without write-backs from above. */
uint64_t MPAM_WASM(accesses)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* Those of them that did not find their line. */
uint64_t MPAM_WASM(misses)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* Lines of a cache slice that carry an owner. */
uint32_t MPAM_WASM(linesHeld)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* The line in a way, or -1. */
mpam_wasm_i64 MPAM_WASM(lineAt)(MPAM_WASM_SELF, uint32_t resource, uint32_t set, uint32_t way);

/* The owner of the line in a way; ask only where there is a line. */
uint32_t MPAM_WASM(lineOwner)(MPAM_WASM_SELF, uint32_t resource, uint32_t set, uint32_t way);

/* Age in bits 6:0, dirty in bit 7. */
uint32_t MPAM_WASM(lineAge)(MPAM_WASM_SELF, uint32_t resource, uint32_t set, uint32_t way);

/* Owner [14:0] and dirty [15] of every way, 0xffff for an empty one, as u16 in the scratch memory: of `count` sets,
 * each `step` after the one before. Answers how many sets there is room for; those are there. */
uint32_t MPAM_WASM(ownersOf)(MPAM_WASM_SELF, uint32_t resource, uint32_t first, uint32_t count, uint32_t step);

/* Lines an owner lost at a slice, by reason (model/cache.ts, LOST_); general path only. */
uint64_t MPAM_WASM(linesLost)(MPAM_WASM_SELF, uint32_t resource, uint32_t index, uint32_t why);

/* What has happened in one of 64 ranges of sets: 0 demands, 1 misses, 2 evictions; general path only. */
uint64_t MPAM_WASM(rangeCount)(MPAM_WASM_SELF, uint32_t resource, uint32_t range, uint32_t what);

/* Bytes of an owner that have left a resource downstream, in one direction: what a port let through. */
uint64_t MPAM_WASM(bytesCrossed)(MPAM_WASM_SELF, uint32_t resource, uint32_t index, mpam_wasm_bool write);

/* Closed timing, of an owner's parts of records: 0 count, 1 sum, 2 largest, 3 time held, 4 time stalled by limits of
 * cpus, ns. */
uint64_t MPAM_WASM(latency)(MPAM_WASM_SELF, uint32_t index, uint32_t what);

/* Parts of records whose time lies in a bucket: below 16 ns one a ns; above, bucket 8 e + m begins at (8 + m) 2^(e -
 * 1) ns. */
uint32_t MPAM_WASM(latencyBucket)(MPAM_WASM_SELF, uint32_t index, uint32_t bucket);

/* --- What the port of a resource thinks of an owner's partition; 0 everywhere without a port. */

/* Bytes held. */
uint64_t MPAM_WASM(bytesWaiting)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* Its limit as a fraction of the port: steps of 1/2^bits, 0 without a limit (MPAMCFG_MBW_MAX, as of the last edge). */
uint32_t MPAM_WASM(limitSteps)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* The fraction's width of `limitSteps`: its steps are 1/2^bits of the port. */
uint32_t MPAM_WASM(limitBits)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

/* Whether that limit is hard: what is more waits though the port has room. */
mpam_wasm_bool MPAM_WASM(limitIsHard)(MPAM_WASM_SELF, uint32_t resource, uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
