// What nobody should drop on the page: each is refused in a line, and the machine goes on.

import type { Scene, Stage } from "../stage.ts";

/** Drops files together, as from a folder's window. */
export function drop({ page }: Stage, files: Readonly<Record<string, string>>): Promise<void> {
  return page.evaluate((files) => {
    const dropped = new DataTransfer();
    for (const [name, text] of Object.entries(files)) dropped.items.add(new File([text], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
  }, files);
}

const vast = (bytes: string, cpus: number) =>
  `name: vast\ncpus: ${cpus}\nprocessor: { partidMax: 1, pmgMax: 0 }\ncaches:\n  - { level: 2, per: cpu, bytes: ${bytes}, ways: 16 }\nmemory:\n  - { bytes: 1 GiB, bytesPerSecond: 1 GB/s }\n`;

/** Nine times nine times ... of one word. */
const laughs = ["a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
  .concat([..."bcdefghi"].map((one, i) => `${one}: &${one} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`))
  .join("\n");

const PLATFORMS: Readonly<Record<string, string>> = {
  "empty.yaml": "",
  "zeros.yaml": "\0\0\0\0",
  "list.yaml": "- 1\n- 2\n",
  "laughs.yaml": laughs,
  "deep.yaml": "[".repeat(100_000),
  "vast.yaml": vast("64 GiB", 1),
  "many.yaml": vast("1 GiB", 64),
  "large.yaml": `# ${"x".repeat(2 ** 20)}\n`,
};

export const HOSTILE: Scene = {
  name: "hostile files are refused in words, and the machine goes on",
  async act(stage) {
    const { page } = stage;
    await stage.open();
    await page.selectOption("#speed", "0.005");
    const notice = page.locator(".notice.error");
    const told: string[] = [];
    for (const [name, text] of Object.entries(PLATFORMS)) {
      await drop(stage, { [name]: text });
      await notice.getByText(name).waitFor();
      const [line = ""] = (await notice.locator("span").innerText()).split("\n");
      if (line.length > 400) throw new Error(`${name} is refused in ${line.length} characters`);
      told.push(line.slice(0, 160));
      await page.getByRole("button", { name: "Dismiss" }).click();
      const time = await stage.figure("time");
      await stage.until(`time goes on after ${name}`, async () => (await stage.figure("time")) > time);
    }
    // Two at once: both are taken, in their order.
    await drop(stage, { "one.lackey": " L 1000,8\n L 2000,8\n", "two.lackey": " S 3000,8\n S 4000,8\n" });
    await page.getByText("two.lackey runs in group two").waitFor();
    for (const group of ["one", "two"]) await page.locator(`.group[data-group="${group}"]`).waitFor();
    return told;
  },
};
