/** MPAMF_ECR, MPAMF_ESR and what an error's MSI writes. */
import type { Bank } from "./bank.ts";
import { OFFSET } from "./offsets.ts";
import type { Register } from "./register.ts";

export function errorRegisters(bank: Bank): Register[] {
  const { esr } = bank;
  const registers: Register[] = [];
  if (bank.part.esr !== "none") {
    registers.push(
      {
        offset: OFFSET.MPAMF_ECR,
        read: () => (esr.interruptEnabled ? 1 : 0),
        write: (value) => {
          esr.interruptEnabled = (value & 1) === 1;
        },
      },
      { offset: OFFSET.MPAMF_ESR, read: () => esr.readLow(), write: (value) => esr.writeLow(value) },
    );
  }
  if (bank.part.esr === 64) {
    registers.push({
      offset: OFFSET.MPAMF_ESR + 4,
      read: () => esr.readHigh(),
      write: (value) => esr.writeHigh(value),
    });
  }
  if (bank.part.config.errMsi === true) registers.push(...bank.errorMsi.registers(OFFSET.MPAMF_ERR_MSI));
  return registers;
}
