// Defects of parts: each needs what it is a defect of.

import { at, type Path, type Report } from "../written/index.ts";
import type { MscDescription } from "./types.ts";

export function checkErrata(msc: MscDescription, path: Path, report: Report): void {
  const needs = [
    {
      erratum: "T241-MPAM-1",
      ok: msc.base !== undefined && msc.ris.some(({ mbw }) => mbw?.max),
      needs: "base and mbw.max",
    },
    { erratum: "T241-MPAM-4", ok: msc.ris.some(({ mbw }) => mbw?.max && mbw.min), needs: "mbw with max and min" },
    {
      erratum: "T241-MPAM-6",
      ok: msc.ris.some(({ mbwu }) => mbwu) && msc.ris.every(({ mbwu }) => (mbwu?.scale ?? 0) === 0),
      needs: "mbwu with scale 0",
    },
    { erratum: "CMN-650-3642720", ok: msc.ris.some(({ csu }) => csu?.nrdy === "hw"), needs: "csu with nrdy hw" },
  ] as const;
  for (const { erratum, ok, needs: what } of needs) {
    const index = msc.errata.indexOf(erratum);
    if (index < 0 || ok) continue;
    const here = [...path, "errata", index];
    report(here, `${at(here)} is ${erratum}`, `it needs ${what}`);
  }
}
