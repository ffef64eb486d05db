// Expected texts are worked out by hand from the platform files, in the forms of Documentation/ABI/testing/sysfs-devices-system-cpu.

import { expect, test } from "vitest";
import { cpuFiles, type Files, nodeFiles } from "../../src/host/index.ts";
import { loadPlatform } from "../../src/platform/index.ts";

const upTo = (count: number, ...without: number[]) =>
  new Set(Array.from({ length: count }, (_, cpu) => cpu).filter((cpu) => !without.includes(cpu)));

/** The files of one directory. */
const below = (files: Files, directory: string) =>
  Object.fromEntries(
    [...files]
      .filter(([path]) => path.startsWith(`${directory}/`))
      .map(([path, text]) => [path.slice(directory.length + 1), text]),
  );

const cpusOf = async (name: string, online: ReadonlySet<number>) =>
  cpuFiles(await loadPlatform(`platforms/${name}.yaml`), online);

test("eight cpus under one L3: a first level of two halves, a second, and index3 with the id of the domain", async () => {
  const files = await cpusOf("one-socket", upTo(8));
  expect(files.get("possible")).toBe("0-7\n");
  expect(files.get("present")).toBe("0-7\n");
  expect(files.get("online")).toBe("0-7\n");
  expect(files.get("offline")).toBe("\n");
  expect(below(files, "cpu5/cache/index0")).toEqual({
    level: "1\n",
    type: "Data\n",
    shared_cpu_list: "5\n",
    shared_cpu_map: "20\n",
    id: "5\n",
  });
  expect(below(files, "cpu5/cache/index1")).toMatchObject({ level: "1\n", type: "Instruction\n" });
  expect(below(files, "cpu5/cache/index2")).toMatchObject({ level: "2\n", type: "Unified\n", shared_cpu_list: "5\n" });
  expect(below(files, "cpu5/cache/index3")).toEqual({
    level: "3\n",
    type: "Unified\n",
    shared_cpu_list: "0-7\n",
    shared_cpu_map: "ff\n",
    id: "0\n",
    size: "1024K\n",
    ways_of_associativity: "16\n",
    coherency_line_size: "64\n",
    number_of_sets: "1024\n",
    allocation_policy: "ReadWriteAllocate\n",
    write_policy: "WriteBack\n",
  });
  expect([...files.keys()].some((path) => path.includes("index4"))).toBe(false);
  expect(files.get("cpu5/online")).toBe("1\n");
  expect(files.get("cpu5/node0")).toEqual({ link: "../../node/node0" });
});

test("two sockets: private L2s by the ids that firmware gives, and packages of eight", async () => {
  const files = await cpusOf("two-sockets", upTo(16));
  // Ids: the L3s come first (0 and 1), then sixteen L2s.
  expect(below(files, "cpu9/cache/index2")).toMatchObject({
    level: "2\n",
    id: "11\n",
    size: "256K\n",
    shared_cpu_list: "9\n",
    shared_cpu_map: "0200\n",
  });
  expect(below(files, "cpu9/cache/index3")).toMatchObject({
    id: "1\n",
    shared_cpu_list: "8-15\n",
    shared_cpu_map: "ff00\n",
  });
  expect(below(files, "cpu9/topology")).toEqual({
    physical_package_id: "1\n",
    core_id: "9\n",
    cluster_id: "-2\n",
    package_cpus: "ff00\n",
    package_cpus_list: "8-15\n",
    core_siblings: "ff00\n",
    core_siblings_list: "8-15\n",
    cluster_cpus: "0200\n",
    cluster_cpus_list: "9\n",
    core_cpus: "0200\n",
    core_cpus_list: "9\n",
    thread_siblings: "0200\n",
    thread_siblings_list: "9\n",
  });
  expect(files.get("cpu9/node1")).toEqual({ link: "../../node/node1" });
});

test("masks of 64 cpus have two words, with a comma between", async () => {
  const files = await cpusOf("server", upTo(64));
  expect(files.get("cpu33/cache/index3/shared_cpu_map")).toBe("ffffffff,ffffffff\n");
  expect(files.get("cpu33/cache/index2/shared_cpu_map")).toBe("00000002,00000000\n");
  expect(files.get("cpu33/cache/index3/size")).toBe("32768K\n");
  // 32 MiB in lines of 64 bytes, 16 ways.
  expect(files.get("cpu33/cache/index3/number_of_sets")).toBe("32768\n");
});

test("clusters within a package, in a device tree: unlike L2s with the number of their lowest cpu", async () => {
  const files = await cpusOf("big-little", upTo(8));
  expect(below(files, "cpu6/cache/index2")).toEqual({
    level: "2\n",
    type: "Unified\n",
    shared_cpu_list: "4-7\n",
    shared_cpu_map: "f0\n",
    id: "4\n",
    size: "1024K\n",
    ways_of_associativity: "16\n",
    coherency_line_size: "64\n",
    number_of_sets: "1024\n",
  });
  expect(files.get("cpu1/cache/index2/number_of_sets")).toBe("512\n");
  expect(below(files, "cpu6/topology")).toMatchObject({
    physical_package_id: "0\n",
    cluster_id: "1\n",
    cluster_cpus_list: "4-7\n",
    package_cpus_list: "0-7\n",
  });
});

test("a cache of less than a KiB has a size of 0K, as from a kernel", async () => {
  const files = await cpusOf("minimal", upTo(1));
  expect(files.get("cpu0/cache/index3/size")).toBe("0K\n");
  expect(files.get("cpu0/topology/package_cpus")).toBe("1\n");
});

test("an offline cpu is in no list, and has no caches and no topology", async () => {
  const files = await cpusOf("one-socket", upTo(8, 2, 3));
  expect(files.get("online")).toBe("0-1,4-7\n");
  expect(files.get("offline")).toBe("2-3\n");
  expect(files.get("possible")).toBe("0-7\n");
  expect(files.get("cpu2/online")).toBe("0\n");
  expect(files.get("cpu1/cache/index3/shared_cpu_list")).toBe("0-1,4-7\n");
  expect(files.get("cpu1/cache/index3/shared_cpu_map")).toBe("f3\n");
  expect(files.get("cpu1/topology/package_cpus_list")).toBe("0-1,4-7\n");
  expect(Object.keys(below(files, "cpu2"))).toEqual(["online", "node0"]);
});

test("memory nodes have their cpus, distances and sizes", async () => {
  const platform = await loadPlatform("platforms/two-sockets.yaml");
  const files = nodeFiles(platform, upTo(16, 8));
  expect(files.get("online")).toBe("0-1\n");
  expect(files.get("has_cpu")).toBe("0-1\n");
  expect(files.get("node1/cpulist")).toBe("9-15\n");
  expect(files.get("node1/cpumap")).toBe("fe00\n");
  expect(files.get("node0/distance")).toBe("10 20\n");
  expect(files.get("node1/distance")).toBe("20 10\n");
  // 16 GiB
  expect(files.get("node1/meminfo")).toBe(
    "Node 1 MemTotal:       16777216 kB\nNode 1 MemFree:        16777216 kB\nNode 1 MemUsed:               0 kB\n",
  );
});
