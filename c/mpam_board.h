/* SPDX-License-Identifier: Apache-2.0
 *
 * A board: what a platform file says, as mpam embed writes it for C. Facts and no code; several machines can share one.
 */

#ifndef MPAM_BOARD_H
#define MPAM_BOARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The calls that lay a machine out (docs/boundary.md, "building"): one of these, then its arguments. */
enum {
  MPAM_CALL_INIT = 1,
  MPAM_CALL_CONFIGURE,
  MPAM_CALL_RESERVE,
  MPAM_CALL_ADD_CACHE,
  MPAM_CALL_ADD_NODE,
  MPAM_CALL_SET_BELOW,
  MPAM_CALL_ADD_MSC,
  MPAM_CALL_ADD_BANK,
  MPAM_CALL_ADD_RIS,
  MPAM_CALL_ADD_PE,
  MPAM_CALL_SEAL
};

/* In place of an address: the MSC has none, because only firmware reaches it. */
#define MPAM_NOWHERE UINT64_MAX

typedef struct mpam_msc_info {
  /* "L3 0", "node 1", "L3 0.2" for slice 2 of a cache. */
  const char *name;
  /* Physical address of its page, or MPAM_NOWHERE. */
  uint64_t base;
  /* Bit n: it has a bank of registers for address space n (MPAM_SP). */
  uint32_t spaces;
  /* As firmware's tables number them; 0 where it is wired to nothing. */
  uint32_t error_line;
  uint32_t overflow_line;
  /* The cpus that reach it, a bit each, 32 to a word; NULL: all. */
  const uint32_t *cpus;
} mpam_msc_info;

enum {
  /* A page of registers: mpam_read and mpam_write answer there. */
  MPAM_REGION_MSC,
  /* What firmware and SMMUs have. This library does not answer there. */
  MPAM_REGION_MAILBOX,
  MPAM_REGION_SHADOW,
  MPAM_REGION_SMMU
};

typedef struct mpam_region {
  uint64_t base;
  uint64_t bytes;
  uint32_t kind;
  /* The MSC, mailbox or SMMU, by number; of a shadow window the MSC that needs it. */
  uint32_t index;
} mpam_region;

/* An ACPI table as it lies in memory, its header first. */
typedef struct mpam_table {
  const uint8_t *bytes;
  size_t length;
} mpam_table;

typedef struct mpam_board {
  const char *name;
  /* Of the module that mpam embed ran; mpam_create refuses another. */
  uint32_t layout;
  /* Memory of a machine. */
  uint64_t bytes;
  uint32_t line_bytes;
  uint32_t cpus;
  uint32_t msc_count;
  uint32_t region_count;
  uint32_t table_count;
  size_t call_words;
  const uint64_t *calls;
  /* For each cpu the resource where its records enter, and its exception levels: bit n for ELn. */
  const uint32_t *entries;
  const uint8_t *levels;
  const mpam_msc_info *mscs;
  /* By address; none lies over another. */
  const mpam_region *regions;
  const mpam_table *tables;
  /* Where firmware hands over a device tree instead of tables; NULL otherwise. */
  const uint8_t *device_tree;
  size_t device_tree_bytes;
} mpam_board;

#ifdef __cplusplus
}
#endif

#endif
