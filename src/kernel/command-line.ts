// What the kernel's command line says of MPAM (linux-driver.md 10.2).

/** The most that the ID fields may say; 15, their largest value, changes nothing. */
export interface Overrides {
  readonly mpam: number;
  readonly frac: number;
}

const ALIASES: ReadonlyMap<string, string> = new Map([["arm64.nompam", "id_aa64pfr0.mpam=0 id_aa64pfr1.mpam_frac=0"]]);

const FIELDS: ReadonlyMap<string, keyof Overrides> = new Map([
  ["id_aa64pfr0.mpam", "mpam"],
  ["id_aa64pfr1.mpam_frac", "frac"],
]);

/** Words that are about something else are somebody else's. An override can only lower a field. */
export function overridesOf(commandLine: string): Overrides {
  const overrides = { mpam: 15, frac: 15 };
  const words = commandLine.split(/\s+/).map((word) => word.replace(/^[^=]*/, (name) => name.replaceAll("-", "_")));
  // What follows is init's.
  const end = words.indexOf("__");
  const mine = (end < 0 ? words : words.slice(0, end)).flatMap((word) => (ALIASES.get(word) ?? word).split(" "));
  for (const word of mine) {
    const [name = "", text = ""] = word.split("=");
    const field = FIELDS.get(name);
    if (field === undefined || !/^(0x[0-9a-f]+|\d+)$/i.test(text)) continue;
    const value = Number(text);
    if (value <= 15) overrides[field] = value;
  }
  return overrides;
}
