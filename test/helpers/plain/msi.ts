/** A block of five registers that say what an MSI writes (IHI 0099, MPAMF_ERR_MSI_* and MSMON_OFLOW_MSI_*). */
import type { SubjectMsi } from "../subject.ts";
import type { Register } from "./register.ts";

export class MsiBlock {
  #mpam = 0;
  #addressLow = 0;
  #addressHigh = 0;
  #data = 0;
  #attr = 0;

  get enabled(): boolean {
    return (this.#attr & 1) === 1;
  }

  message(): SubjectMsi {
    return {
      address: this.#addressHigh * 2 ** 32 + this.#addressLow,
      data: this.#data,
      memattr: (this.#attr >>> 24) & 0xf,
      shareability: (this.#attr >>> 28) & 0x3,
      partid: this.#mpam & 0xffff,
      pmg: (this.#mpam >>> 16) & 0xff,
    };
  }

  registers(first: number): Register[] {
    return [
      {
        offset: first,
        read: () => this.#mpam,
        write: (value) => {
          this.#mpam = value & 0x00ff_ffff;
        },
      },
      {
        offset: first + 4,
        read: () => this.#addressLow,
        write: (value) => {
          this.#addressLow = (value & 0xffff_fffc) >>> 0;
        },
      },
      {
        offset: first + 8,
        read: () => this.#addressHigh,
        write: (value) => {
          this.#addressHigh = value & 0x000f_ffff;
        },
      },
      {
        offset: first + 12,
        read: () => this.#data,
        write: (value) => {
          this.#data = value;
        },
      },
      {
        offset: first + 16,
        read: () => this.#attr,
        write: (value) => {
          this.#attr = value & 0x3f00_0001;
        },
      },
    ];
  }
}
