// What the resctrl tree of a platform takes: it is booted once, its info files are read, and every line that is to be written is
// written there before.

import { Driver } from "../../driver/index.ts";
import { ErrnoError } from "../../errno/index.ts";
import { Resctrl } from "../../fs/index.ts";
import { Machine } from "../../machine/index.ts";
import type { Platform } from "../../platform/index.ts";
import type { Booting } from "../../session/index.ts";

/** A resource of the schemata file. */
export interface TreeResource {
  /** As lines begin: L3, MB. */
  readonly name: string;
  readonly domains: readonly string[];
  /** Of a cache that is divided into portions. */
  readonly portions?: { readonly count: number; readonly least: number };
  /** Of a resource that takes a number. */
  readonly numbers?: { readonly least: number; readonly most: number; readonly step: number };
}

/** What a line comes to: resource, then domain, then value, as the file shows them. */
export type Effect = ReadonlyMap<string, ReadonlyMap<string, string>>;

export class PlatformTree {
  /** In the order of the schemata file. */
  readonly resources: readonly TreeResource[];
  readonly #boot: () => Promise<PlatformTree>;
  readonly #machine: Machine;
  readonly #tree: Resctrl;
  /** What lines came to. */
  readonly #lines = new Map<string, Effect | string>();
  /** Why groups are not made; by their names. */
  readonly #groups = new Map<string, string | undefined>();

  private constructor(
    boot: () => Promise<PlatformTree>,
    machine: Machine,
    tree: Resctrl,
    resources: readonly TreeResource[],
  ) {
    this.#boot = boot;
    this.#machine = machine;
    this.#tree = tree;
    this.resources = resources;
  }

  /** Throws what a boot of this platform throws, such as EOPNOTSUPP for one that resctrl cannot use. */
  static async boot(platform: Platform, booting: Booting): Promise<PlatformTree> {
    const machine = await Machine.create(platform, {});
    try {
      const tree = await Resctrl.mount(await Driver.probe(machine, booting), { cdp: false });
      return new PlatformTree(() => PlatformTree.boot(platform, booting), machine, tree, await resourcesOf(tree));
    } catch (error) {
      await machine.close();
      throw error;
    }
  }

  resource(name: string): TreeResource | undefined {
    return this.resources.find((one) => one.name === name);
  }

  /** Makes groups as a replay does; answers what was refused. */
  async refusedGroups(groups: readonly string[]): Promise<string | undefined> {
    const key = JSON.stringify(groups);
    if (!this.#groups.has(key)) {
      // Groups leave their numbers behind for a while: only the first try is what a replay finds.
      const other = this.#groups.size > 0 ? await this.#boot() : undefined;
      this.#groups.set(key, await refusedBy(other ? other.#tree : this.#tree, groups));
      await other?.close();
    }
    return this.#groups.get(key);
  }

  /** How groups show this line when it has been written; or why it is refused. */
  async take(line: string): Promise<Effect | string> {
    const known = this.#lines.get(line) ?? (await this.#tried(line));
    this.#lines.set(line, known);
    return known;
  }

  /** In the default group, which is there on all platforms: what it takes all of them take. */
  async #tried(line: string): Promise<Effect | string> {
    const [name = "", items = ""] = line.split(":").map((part) => part.trim());
    const domains = this.resource(name)?.domains ?? [];
    const spelled = items.split(";").flatMap((item) => {
      const [id = "", value = ""] = item.split("=").map((part) => part.trim());
      return (id === "*" ? domains : [id]).map((one) => [one, value] as const);
    });
    try {
      await this.#tree.writeFile("schemata", `${name}:${spelled.map((item) => item.join("=")).join(";")}\n`);
    } catch (error) {
      return saidBy(error);
    }
    const after = parseSchemata(await this.#tree.readFile("schemata")).get(name);
    const written = new Set(spelled.map(([id]) => Number(id)));
    const shown = domains.filter((id) => written.has(Number(id))).map((id) => [id, after?.get(id) ?? ""] as const);
    return new Map([[name, new Map(shown)]]);
  }

  async close(): Promise<void> {
    await this.#machine.close();
  }
}

async function resourcesOf(tree: Resctrl): Promise<TreeResource[]> {
  const shown = parseSchemata(await tree.readFile("schemata"));
  const resources: TreeResource[] = [];
  for (const [name, domains] of shown) {
    const files = await tree.readdir(`info/${name}`);
    const number = async (file: string) => Number(await tree.readFile(`info/${name}/${file}`));
    const ids = [...domains.keys()];
    if (files.includes("cbm_mask")) {
      const mask = Number.parseInt(await tree.readFile(`info/${name}/cbm_mask`), 16);
      const portions = { count: Math.round(Math.log2(mask + 1)), least: await number("min_cbm_bits") };
      resources.push({ name, domains: ids, portions });
    } else if (files.includes("bandwidth_gran")) {
      const most = Math.max(...[...domains.values()].map(Number));
      const numbers = { least: await number("min_bandwidth"), most, step: await number("bandwidth_gran") };
      resources.push({ name, domains: ids, numbers });
    } else resources.push({ name, domains: ids });
  }
  return resources;
}

/** "    L3:0=f;1=f" as a map of maps, in its order. */
export function parseSchemata(text: string): Map<string, Map<string, string>> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return new Map(
    lines.map((line) => {
      const [name = "", items = ""] = line.trim().split(":");
      return [name, new Map(items.split(";").map((item) => item.split("=") as [string, string]))];
    }),
  );
}

async function refusedBy(tree: Resctrl, groups: readonly string[]): Promise<string | undefined> {
  const made: string[] = [];
  try {
    for (const group of groups) {
      await tree.mkdir(group);
      made.push(group);
    }
    return undefined;
  } catch (error) {
    return saidBy(error);
  } finally {
    for (const group of made.reverse()) await tree.rmdir(group);
  }
}

/** A refusal without its code. */
function saidBy(error: unknown): string {
  if (!(error instanceof ErrnoError)) throw error;
  return error.message.replace(/^E[A-Z0-9]+: (schemata: )?/, "");
}
