// Who looks on reads what is configured without giving a command.

import { expect, test } from "vitest";
import { Driver } from "../../src/driver/index.ts";
import { Resctrl } from "../../src/fs/index.ts";
import { Machine } from "../../src/machine/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const PLATFORM = new URL("../../platforms/private-l2.yaml", import.meta.url).pathname;

test("schemataOf says what the file says, and leaves last_cmd_status as it is", async () => {
  const tree = await Resctrl.mount(await Driver.probe(await Machine.create(await loadPlatform(PLATFORM))), {
    cdp: false,
  });
  await tree.mkdir("web");
  await tree.mkdir("web/mon_groups/m");
  await tree.writeFile("web/schemata", "L3:0=3\n");
  const file = await tree.readFile("web/schemata");
  expect(file).toContain("L3:0=3\n");
  await expect(tree.writeFile("web/schemata", "L9:0=3\n")).rejects.toMatchObject({ code: "EINVAL" });
  const status = await tree.readFile("info/last_cmd_status");
  expect(status).toMatch(/L9/);
  expect(tree.schemataOf("web")).toBe(file);
  expect(await tree.readFile("info/last_cmd_status")).toBe(status);
  expect(tree.schemataOf("web/mon_groups/m")).toBeUndefined();
  expect(() => tree.schemataOf("info")).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
