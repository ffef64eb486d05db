// The register view: what is written there acts at once, stands under the selection that is shown, and resctrl does not know of it.

import type { Scene } from "../stage.ts";
import { openPanel, typed } from "./shell.ts";

/** Of an L3 of 1 MiB in 16 ways. */
const TWO_WAYS = 2 * 1024;

export const REGISTERS: Scene = {
  name: "a bitmap written by its register empties a group's ways, and schemata says what it said",
  async act(stage) {
    const { page } = stage;
    await stage.open();
    await page.locator("#play").click();
    await openPanel(page, "registers");
    const panel = page.locator("#registers");
    await panel.locator(".register-list button").first().waitFor();
    await panel.getByRole("button", { name: /^greedy/ }).click();
    await panel.getByText("which is the group greedy").waitFor();
    const field = panel.getByRole("textbox", { name: "P", exact: true });
    await stage.until("the whole bitmap", async () => (await field.inputValue()) === "0xffff");
    await field.fill("0x3");
    await field.press("Enter");
    await panel.getByText("MPAMCFG_CPBM0 is 0x0000_0003.").waitFor();
    await stage.shot("registers", true);

    await panel.getByRole("button", { name: /^polite/ }).click();
    await stage.until("the bitmap of another PARTID", async () => (await field.inputValue()) === "0xffff");
    await panel.getByRole("button", { name: /^greedy/ }).click();
    await stage.until("that of greedy", async () => (await field.inputValue()) === "3");

    await openPanel(page, "shell");
    const said = await typed(stage, "grep L3 greedy/schemata");
    if (!said.includes("L3:0=ffff")) throw new Error(`schemata has changed: ${said}`);

    // The machine goes by the register: greedy keeps two ways of sixteen and what nobody has taken yet, until the register says
    // otherwise. polite needs 11,684 lines of the other ways.
    const lines = () => stage.figure("lines", "greedy");
    const before = await lines();
    await page.locator("#speed").selectOption("max");
    await page.locator("#play").click();
    const began = await stage.figure("time");
    await stage.until("a while has passed", async () => (await stage.figure("time")) > began + 20e6);
    const held = await lines();
    if (held < TWO_WAYS / 2 || held > 0.7 * before) {
      throw new Error(`greedy holds ${held} lines; ${before} before, and two ways have ${TWO_WAYS}`);
    }
    await field.fill("0xffff");
    await field.press("Enter");
    await stage.until("greedy has its half again", async () => (await lines()) > 0.85 * before);

    // Found by a word, told in words, refused in words.
    await panel.getByRole("searchbox").fill("errcode");
    await stage.until("one register is left", async () => (await panel.locator(".register-list button").count()) === 1);
    await panel.locator(".register-list button").click();
    await panel.getByRole("row", { name: /ERRCODE.*no error/ }).waitFor();
    await panel.getByRole("searchbox").fill("");
    await panel.getByLabel("Of the cpus").check();
    await panel.getByRole("row", { name: /EL0, data/ }).waitFor();
    await panel.locator(".register-list button", { hasText: "MPAM1_EL1" }).first().click();
    await panel.getByRole("row", { name: /MPAMEN/ }).waitFor();
    await stage.shot("registers-cpu", true);
    return [`greedy has ${held} lines, two ways are ${TWO_WAYS}, and ${before} it had when its bitmap became so small`];
  },
};
