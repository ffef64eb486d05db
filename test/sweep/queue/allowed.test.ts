// Which files a unit of a queue may have read: with --traces, those in its folders.

import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withinFolders } from "../../../src/sweep/queue/allowed.ts";
import { makeUnits } from "./units.ts";

describe("with folders of traces, a unit", () => {
  let root = "";
  let traces = "";
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "mpam-")));
    traces = join(root, "traces");
    await mkdir(join(traces, "deep"), { recursive: true });
    for (const name of ["secret", "traces/a.arrow", "traces/deep/b.arrow", "traces/odd@name.arrow"]) {
      await writeFile(join(root, name), "x");
    }
    await symlink(join(root, "secret"), join(traces, "link.arrow"));
    await symlink(join(traces, "a.arrow"), join(root, "inward.arrow"));
    await mkdir(join(root, "traces-too"));
    await writeFile(join(root, "traces-too/c.arrow"), "x");
  });
  afterAll(() => rm(root, { recursive: true }));

  const argumentOf = async (argument: string, folders = [traces]) => {
    const unit = makeUnits(1, { trace: argument })[0] as ReturnType<typeof makeUnits>[number];
    return (await withinFolders(unit, folders)).work.traces[0]?.argument;
  };

  test("gets what lies in them, however deep, with what stands behind its @", async () => {
    expect(await argumentOf(join(traces, "deep/b.arrow@loop=2"))).toBe(join(traces, "deep/b.arrow@loop=2"));
    expect(await argumentOf(join(root, "inward.arrow"))).toBe(join(root, "inward.arrow"));
  });

  test("gets what has the same name there, where the plan's machine has it elsewhere", async () => {
    expect(await argumentOf("/home/somebody/a.arrow@to=5")).toBe(join(traces, "a.arrow@to=5"));
    expect(await argumentOf("/home/somebody/odd@@name.arrow")).toBe(join(traces, "odd@@name.arrow"));
  });

  test("gets what is made up or fetched, which is no file", async () => {
    for (const name of ["synth:random,n=1", "https://host/a.arrow", "http://host/secret"]) {
      expect(await argumentOf(name)).toBe(name);
    }
  });

  test.each([
    ["what lies elsewhere", () => join(root, "secret")],
    ["what is reached by ..", () => `${traces}/../secret`],
    ["what a link leads to", () => join(traces, "link.arrow")],
    ["what lies in a folder whose name begins alike", () => join(root, "traces-too/c.arrow")],
    ["the folder", () => traces],
    ["a folder in it", () => join(traces, "deep")],
    ["what is not there", () => join(traces, "none.arrow")],
  ])("does not get %s", async (_, path) => {
    await expect(argumentOf(path())).rejects.toThrow(/^trace \S+ is in none of the folders of --traces/);
  });

  test("and without folders it gets what it names", async () => {
    expect(await argumentOf("/any/where", [])).toBe("/any/where");
  });
});
