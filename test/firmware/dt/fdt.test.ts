// The flattened form: what is read, what is written, and what is refused, by the Devicetree Specification, chapter 5.

import { describe, expect, test } from "vitest";
import { ErrnoError } from "../../../src/errno/index.ts";
import { readFdt } from "../../../src/firmware/dt/fdt-read.ts";
import { writeFdt } from "../../../src/firmware/dt/fdt-write.ts";
import { treeText } from "../../../src/firmware/dt/text.ts";
import { DeviceTree, DtNode } from "../../../src/firmware/dt/tree.ts";
import { compile, HAS_DTC } from "./dtc.ts";
import { blobOf, PHONE, SERVER, TINY } from "./fixtures.ts";

const tiny = () => blobOf(TINY);
const word = (blob: Uint8Array, at: number) => new DataView(blob.buffer).getUint32(at);
/** The blob with one word replaced. */
function withWord(at: number, value: number, blob = tiny()): Uint8Array {
  new DataView(blob.buffer).setUint32(at, value);
  return blob;
}
function refusal(blob: Uint8Array): string {
  try {
    readFdt(blob);
  } catch (error) {
    if (error instanceof ErrnoError && error.code === "EINVAL") return error.message;
    throw error;
  }
  return "accepted";
}
/** TINY by hand: structure block at 0x48, strings block at 0xa8. */
const STRUCTURE = 0x48;

describe("reading", () => {
  test("nodes, properties and reserved memory are those of the source", () => {
    const tree = readFdt(tiny());
    expect(tree.reservations).toEqual([{ address: 0x1000n, bytes: 0x2000n }]);
    expect([...tree.root.properties.keys()]).toEqual(["name-of-mine", "mine", "cells"]);
    expect(tree.root.strings("name-of-mine")).toEqual(["a", "b"]);
    expect(tree.root.cells("mine")).toEqual([]);
    expect(tree.root.cells("cells")).toEqual([1, 0xffff_ffff]);
    expect(tree.root.cell("cells")).toBeUndefined(); // two words are not one
    const [child] = tree.root.children;
    expect([child?.path, child?.baseName, child?.unitAddress]).toEqual(["/child@1", "child", "1"]);
    expect([...(child?.properties.get("bytes")?.value ?? [])]).toEqual([1, 2, 3]);
    expect(child?.cells("bytes")).toBeUndefined();
  });

  test("places are offsets in the blob", () => {
    const { root } = readFdt(tiny());
    expect(root.offset).toBe(STRUCTURE);
    // FDT_BEGIN_NODE and an empty name, two words; then the first property.
    expect(root.properties.get("name-of-mine")?.offset).toBe(STRUCTURE + 8);
    expect(word(tiny(), root.children[0]?.offset ?? 0)).toBe(1);
  });

  test("no-operations are passed over, wherever they stand", () => {
    // The property `mine` has three words: token, length 0, name.
    const blob = tiny();
    const at = readFdt(blob).root.properties.get("mine")?.offset ?? 0;
    for (const word of [0, 4, 8]) withWord(at + word, 4, blob);
    expect([...readFdt(blob).root.properties.keys()]).toEqual(["name-of-mine", "cells"]);
  });

  test("version 16 has no size of the structure block, and is read all the same", () => {
    const blob = withWord(0x14, 16, withWord(0x24, 0xffff_ffff));
    expect(readFdt(blob).root.children).toHaveLength(1);
  });

  test("bytes after the blob are not looked at", () => {
    const longer = new Uint8Array(300);
    longer.set(tiny());
    expect(readFdt(longer).root.children).toHaveLength(1);
  });

  test("a blob may lie anywhere in a buffer", () => {
    const shifted = new Uint8Array(400);
    shifted.set(tiny(), 7);
    expect(readFdt(shifted.subarray(7)).root.cells("cells")).toEqual([1, 0xffff_ffff]);
  });
});

describe("what lies is refused, with its place", () => {
  const property = () => readFdt(tiny()).root.properties.get("name-of-mine")?.offset ?? 0;
  test.each([
    ["an empty file", () => new Uint8Array(), /offset 0x0: 0 bytes are no device tree/],
    ["a header cut short", () => tiny().subarray(0, 0x20), /offset 0x0: 32 bytes/],
    ["another magic", () => withWord(0, 0xfeed_d00d), /offset 0x0: .*0xd00dfeed/],
    ["a size past the file", () => withWord(0x4, 0x1000), /offset 0x4: .*4096 bytes; there are 193/],
    ["a size smaller than the header", () => withWord(0x4, 0x10), /offset 0x4/],
    ["an old version", () => withWord(0x14, 3), /offset 0x14: version 3/],
    ["one from the future", () => withWord(0x18, 99), /offset 0x14: version 17, compatible with 99/],
    ["a structure block past the end", () => withWord(0x8, 0xffff_fff0), /offset 0x8: .*structure block.*ends past/],
    ["a structure block at an odd place", () => withWord(0x8, 0x4a), /offset 0x8: .*multiple of 4/],
    ["a structure block in the header", () => withWord(0x8, 0x8), /offset 0x8: .*header/],
    ["strings past the end", () => withWord(0x20, 0x7fff_ffff), /offset 0xc: .*strings block/],
    ["reservations without an end", () => withWord(0x10, 0xb0), /no end/],
    ["reservations at an odd place", () => withWord(0x10, 0x2c), /offset 0x10: .*multiple of 8/],
    ["an unknown token", () => withWord(STRUCTURE + 8, 7), /offset 0x50: token 0x7/],
    ["no node at all", () => withWord(STRUCTURE, 9), /offset 0x48: token 0x9/],
    ["an end in the middle", () => withWord(STRUCTURE + 8, 9), /offset 0x50: .*ends in the middle of \//],
    ["a value past the block", () => withWord(property() + 4, 0x4000_0000), /value of name-of-mine, 1073741824 bytes/],
    ["a name past the strings", () => withWord(property() + 8, 0x100), /offset 0x50: its name is at 0x100/],
    ["a structure block that stops short", () => withWord(0x24, 0x30), /ends past the structure block/],
  ])("%s", (_, blob, says) => {
    expect(refusal(blob())).toMatch(says);
  });

  test("a name of a property that is not ended", () => {
    const blob = tiny();
    blob[blob.length - 1] = 0x78;
    expect(refusal(blob)).toMatch(/is not ended in the strings block/);
  });

  test("a name with what no name has", () => {
    const blob = tiny();
    blob[0xa8] = 0x07;
    expect(refusal(blob)).toMatch(/offset 0xa8: the name of a property is "\\u0007ame-of-mine"/);
  });

  test("the same property twice, and one after nodes", () => {
    const words = (...list: number[]) => list;
    const blob = (structure: number[]) => {
      const bytes = new Uint8Array(0x38 + 4 * structure.length + 2);
      const view = new DataView(bytes.buffer);
      const header = [0xd00d_feed, bytes.length, 0x38, 0x38 + 4 * structure.length, 0x28, 17, 16, 0, 2];
      [...header, 4 * structure.length].forEach((value, at) => void view.setUint32(4 * at, value));
      structure.forEach((value, at) => void view.setUint32(0x38 + 4 * at, value));
      bytes.set([0x78, 0], 0x38 + 4 * structure.length); // "x"
      return bytes;
    };
    const [begin, end, x, a] = [words(1, 0), words(2), words(3, 0, 0), words(1, 0x6100_0000, 2)];
    expect(refusal(blob([...begin, ...x, ...a, ...end, 9]))).toBe("accepted");
    expect(refusal(blob([...begin, ...x, ...x, ...end, 9]))).toMatch(/offset 0x4c: property x stands in \/ twice/);
    expect(refusal(blob([...begin, ...a, ...x, ...end, 9]))).toMatch(/offset 0x4c: property x of \/ comes after/);
    expect(refusal(blob([...begin, 1, 0, 2, ...end, 9]))).toMatch(/offset 0x40: a node in \/ has no name/);
    expect(refusal(blob([...begin, ...end, ...begin, ...end, 9]))).toMatch(/token 0x1 after the root/);
    expect(refusal(blob([...begin, ...end]))).toMatch(/a word ends past the structure block/);
    expect(refusal(blob([1, 0x6100_0000, ...end, 9]))).toMatch(/the root is called a/);
  });

  test("nodes deeper than 64, however deep", () => {
    const deep = (depth: number) => {
      const root = new DtNode("");
      let node = root;
      for (let at = 0; at < depth; at++) node = node.add(new DtNode("n"));
      return new DeviceTree(root);
    };
    expect(readFdt(writeFdt(deep(64))).root.children).toHaveLength(1);
    expect(() => writeFdt(deep(65))).toThrow(/deeper than 64/);
    // By hand, as no writer makes it: 100000 nodes in each other.
    const count = 100_000;
    const bytes = new Uint8Array(0x38 + 8 * count + 8);
    const view = new DataView(bytes.buffer);
    [0xd00d_feed, bytes.length, 0x38, bytes.length, 0x28, 17, 16, 0, 0, bytes.length - 0x38].forEach(
      (value, at) => void view.setUint32(4 * at, value),
    );
    view.setUint32(0x38, 1);
    for (let at = 1; at < count; at++) {
      view.setUint32(0x38 + 8 * at, 1);
      view.setUint32(0x38 + 8 * at + 4, 0x6e00_0000);
    }
    expect(refusal(bytes)).toMatch(/offset 0x240: nodes lie deeper than 64/); // 0x38 + 65 * 8
  });
});

describe("writing", () => {
  test.each([
    ["tiny", TINY],
    ["server", SERVER],
    ["phone", PHONE],
  ])("what was read is written as the bytes that dtc made: %s", (_, fixture) => {
    expect(writeFdt(readFdt(blobOf(fixture)))).toEqual(blobOf(fixture));
  });

  test("names of properties stand once, and one that ends another lies in it", () => {
    const root = new DtNode("").set("phandle-cells", [1]).set("cells", [2]);
    root.add(new DtNode("a")).set("cells", [3]).set("handle-cells", true);
    const blob = writeFdt(new DeviceTree(root));
    const strings = new TextDecoder().decode(blob.subarray(word(blob, 0x0c)));
    expect(strings).toBe("phandle-cells\0");
    expect(readFdt(blob).root.children[0]?.cells("cells")).toEqual([3]);
  });

  test("names that a blob cannot have are refused", () => {
    const named = (name: string) => () => {
      const root = new DtNode("");
      root.add(new DtNode(name));
      return writeFdt(new DeviceTree(root));
    };
    expect(named("a b")).toThrow(ErrnoError);
    expect(named("a/b")).toThrow(/printable characters/);
    expect(named("")).toThrow(/has no name/);
    expect(named("x".repeat(256))).toThrow(/255/);
    expect(() => writeFdt(new DeviceTree(new DtNode("").set("", true)))).toThrow(/no name/);
  });

  test("words and strings are big endian and end in NULs", () => {
    const root = new DtNode("").set("w", [0x0102_0304]).set("s", "hi").set("l", ["a", "bc"]);
    const values = [...root.properties.values()].map(({ value }) => [...value]);
    expect(values).toEqual([
      [1, 2, 3, 4],
      [0x68, 0x69, 0],
      [0x61, 0, 0x62, 0x63, 0],
    ]);
  });
});

describe("text", () => {
  test("every kind of value is written as source has it", () => {
    expect(treeText(readFdt(tiny()))).toBe(`/dts-v1/;
/memreserve/ 0x1000 0x2000;

/ {
\tname-of-mine = "a", "b";
\tmine;
\tcells = <0x1 0xffffffff>;

\tchild@1 {
\t\tbytes = [01 02 03];
\t};
};
`);
  });

  test("phandles are shown as the nodes they name", () => {
    const text = treeText(readFdt(blobOf(SERVER)));
    expect(text).toContain("next-level-cache = <&cache_controller_30000000>;");
    expect(text).toContain("arm,mpam-device = <&memory_8000000000>;");
  });

  test("text in a value that would have to be escaped is shown as bytes", () => {
    const root = new DtNode("").set("quote", 'a"b').set("line", "a\nb").set("none", "").set("bell", "a\u0007bc");
    const text = treeText(new DeviceTree(root));
    expect(text).toContain("quote = <0x61226200>;");
    expect(text).toContain("none = [00];");
    expect(treeText(new DeviceTree(new DtNode("").set("mixed", ["ok", "a\nb"])))).toContain("[6f 6b 00 61 0a 62 00]");
    expect(text).toContain("bell = [61 07 62 63 00];");
  });
});

describe.skipIf(!HAS_DTC)("beside dtc", () => {
  test.each([
    ["tiny", TINY],
    ["server", SERVER],
    ["phone", PHONE],
  ])("the bytes in this file are those of the source: %s", (_, fixture) => {
    expect(compile(fixture.dts)).toEqual(blobOf(fixture));
  });

  test.each([
    ["tiny", TINY],
    ["server", SERVER],
    ["phone", PHONE],
  ])("our text compiles to the same bytes: %s", (_, fixture) => {
    expect(compile(treeText(readFdt(blobOf(fixture))))).toEqual(blobOf(fixture));
  });
});
