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

/** The group in which lines are tried. */
const TRIED = "tried";

export class PlatformTree {
  /** In the order of the schemata file. */
  readonly resources: readonly TreeResource[];
  readonly #machine: Machine;
  readonly #tree: Resctrl;
  readonly #known = new Map<string, Effect | string>();

  private constructor(machine: Machine, tree: Resctrl, resources: readonly TreeResource[]) {
    this.#machine = machine;
    this.#tree = tree;
    this.resources = resources;
  }

  /** Throws what a boot of this platform throws, such as EOPNOTSUPP for one that resctrl cannot use. */
  static async boot(platform: Platform, booting: Booting): Promise<PlatformTree> {
    const machine = await Machine.create(platform, {});
    try {
      const tree = await Resctrl.mount(await Driver.probe(machine, booting), { cdp: false });
      return new PlatformTree(machine, tree, await resourcesOf(tree));
    } catch (error) {
      await machine.close();
      throw error;
    }
  }

  resource(name: string): TreeResource | undefined {
    return this.resources.find((one) => one.name === name);
  }

  /** Makes groups as a replay does and takes them away again; answers what was refused. */
  async refusedGroups(groups: readonly string[]): Promise<string | undefined> {
    const made: string[] = [];
    try {
      for (const group of groups) {
        await this.#tree.mkdir(group);
        made.push(group);
      }
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      for (const group of made.reverse()) await this.#tree.rmdir(group);
    }
  }

  /** A group takes this line, and shows it so; or why it does not. */
  async take(line: string): Promise<Effect | string> {
    const known = this.#known.get(line) ?? (await this.#tried(line));
    this.#known.set(line, known);
    return known;
  }

  async #tried(line: string): Promise<Effect | string> {
    const [name = "", items = ""] = line.split(/\s*:\s*/);
    const resource = this.resource(name.trim());
    const spelled = items
      .split(";")
      .flatMap((item) => {
        const value = /^\s*\*\s*=(.*)$/.exec(item)?.[1];
        return value === undefined || !resource ? [item.trim()] : resource.domains.map((id) => `${id}=${value.trim()}`);
      })
      .map((item) => item.replace(/\s*=\s*/, "="));
    await this.#tree.mkdir(TRIED);
    try {
      await this.#tree.writeFile(`${TRIED}/schemata`, `${name.trim()}:${spelled.join(";")}\n`);
      const after = parseSchemata(await this.#tree.readFile(`${TRIED}/schemata`)).get(name.trim());
      const written = spelled.map((item) => String(Number(item.slice(0, item.indexOf("=")))));
      const domains = (resource?.domains ?? []).filter((id) => written.includes(id));
      return new Map([[name.trim(), new Map(domains.map((id) => [id, after?.get(id) ?? ""]))]]);
    } catch (error) {
      return messageOf(error);
    } finally {
      await this.#tree.rmdir(TRIED);
    }
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

function messageOf(error: unknown): string {
  if (!(error instanceof ErrnoError)) throw error;
  return error.message.replace(/^E[A-Z0-9]+: (schemata: )?/, "");
}
