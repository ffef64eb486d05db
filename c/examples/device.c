/* SPDX-License-Identifier: Apache-2.0
 *
 * An MMIO device as an emulator registers it. What an emulator has of its own is at the top, as small as it can be; the device
 * is the rest. The "guest" at the end makes an MSC raise its error interrupt, as a driver under test would.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpam.h"
#include "mpam_regs.h"
#include "one-socket.h"

/* --- The emulator: a table of regions, interrupt lines, and a clock --- */

typedef struct io_region {
  uint64_t base, bytes;
  uint64_t (*read)(void *opaque, uint64_t offset, unsigned size, unsigned cpu);
  void (*write)(void *opaque, uint64_t offset, uint64_t value, unsigned size, unsigned cpu);
  void *opaque;
} io_region;

static io_region regions[16];
static int region_count;

static const io_region *region_of(uint64_t address) {
  for (int i = 0; i < region_count; i++) {
    if (address - regions[i].base < regions[i].bytes) return &regions[i];
  }
  printf("the guest takes an external abort at 0x%" PRIx64 "\n", address);
  exit(1);
}

static void interrupt_line(uint32_t line, int level) {
  printf("interrupt %u is %s\n", (unsigned)line, level ? "up" : "down");
}

/* --- The device --- */

typedef struct msc_device {
  mpam_t *machine;
  uint64_t base;
} msc_device;

static uint64_t msc_read(void *opaque, uint64_t offset, unsigned size, unsigned cpu) {
  const msc_device *d = opaque;
  uint64_t value = 0;
  mpam_attrs attrs = {.space = MPAM_SP_NON_SECURE, .cpu = cpu};
  if (mpam_read(d->machine, d->base + offset, size, attrs, &value) < 0) puts(mpam_why(d->machine));
  return value;
}

static void msc_write(void *opaque, uint64_t offset, uint64_t value, unsigned size, unsigned cpu) {
  const msc_device *d = opaque;
  mpam_attrs attrs = {.space = MPAM_SP_NON_SECURE, .cpu = cpu};
  if (mpam_write(d->machine, d->base + offset, size, attrs, value) < 0) puts(mpam_why(d->machine));
}

static void msc_irq(void *opaque, uint32_t line, int level) {
  (void)opaque;
  interrupt_line(line, level);
}

/* A region for each page of the board; the tables go where the emulator keeps ACPI tables. */
static void add_mscs(mpam_t *machine, msc_device *devices) {
  for (size_t i = 0; i < mpam_map_count(machine); i++) {
    const mpam_region *r = mpam_map(machine, i);
    if (r->kind != MPAM_REGION_MSC) continue;
    devices[i] = (msc_device){machine, r->base};
    regions[region_count++] = (io_region){r->base, r->bytes, msc_read, msc_write, &devices[i]};
    printf("0x%" PRIx64 ": %s\n", r->base, mpam_msc(machine, r->index)->name);
  }
  for (size_t i = 0; i < mpam_acpi_table_count(machine); i++) {
    const mpam_table *t = mpam_acpi_table(machine, i);
    printf("table %.4s, %zu bytes\n", (const char *)t->bytes, t->length);
  }
  mpam_set_irq_callback(machine, msc_irq, NULL);
}

int main(void) {
  mpam_config config = {.board = &mpam_board_one_socket};
  mpam_t *machine = mpam_create(&config);
  msc_device devices[16];
  const io_region *l3;
  uint64_t base = mpam_board_one_socket.mscs[0].base;
  uint64_t esr;
  if (!machine) {
    perror("mpam_create");
    return 1;
  }
  add_mscs(machine, devices);

  /* The guest: cpu 2 selects a PARTID that the L3 does not have. */
  l3 = region_of(base);
  l3->write(l3->opaque, MPAM_OFFSET_MPAMF_ECR, MPAM_ECR_INTEN, 4, 2);
  l3->write(l3->opaque, MPAM_OFFSET_MPAMCFG_PART_SEL, 1000, 4, 2);
  l3->read(l3->opaque, MPAM_OFFSET_MPAMCFG_CPBM, 4, 2);
  esr = l3->read(l3->opaque, MPAM_OFFSET_MPAMF_ESR, 4, 2);
  printf("MPAMF_ESR: error %u of PARTID %u\n", (unsigned)MPAM_FIELD_GET(MPAM_ESR_ERRCODE, esr),
         (unsigned)MPAM_FIELD_GET(MPAM_ESR_PARTID_MON, esr));
  l3->write(l3->opaque, MPAM_OFFSET_MPAMF_ESR, 0, 4, 2);
  mpam_destroy(machine);
  return MPAM_FIELD_GET(MPAM_ESR_ERRCODE, esr) == MPAM_ERRCODE_PARTID_SEL_RANGE ? 0 : 1;
}
