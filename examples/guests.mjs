// A guest on a host that resctrl manages, first with MPAM hidden from it, as KVM does it, then with PARTIDs of its own.
//
//   npm run build && node examples/guests.mjs

import { Driver, loadPlatform, Machine, openTraces, Resctrl } from "mpam-emulator";

const platform = await loadPlatform(new URL("../platforms/guests.yaml", import.meta.url).pathname);

/** Trace 1 is a program of the host. Trace 2 is a guest: thread 10 serves, thread 11 goes through memory in bulk. */
const TRACES = [
  "synth:zipf,ws=256K,n=40000",
  "synth:zipf,ws=256K,threads=1,tid=10,n=40000",
  "synth:stream,ws=8M,tid=11,n=40000",
];

async function run(title, guest) {
  const machine = await Machine.create(platform);
  const [, serving, bulk] = await openTraces(TRACES);
  const traces = await openTraces(TRACES);
  const threads = [{ trace: serving.hash }, { trace: bulk.hash }];
  const vm = machine.processor.addVm({ name: "vm", vcpus: [0, 1], threads, ...guest });
  const tree = await Resctrl.mount(await Driver.probe(machine));
  const tids = new Set(
    traces
      .slice(1)
      .flatMap((trace) => machine.addTasks(trace))
      .map(({ tid }) => tid),
  );

  // The vCPUs are threads of the host, and go to a group as any others.
  await tree.mkdir("vms");
  for (const tid of tids) await tree.writeFile("vms/tasks", `${tid}\n`);
  if (guest.mpam === "virtual") {
    // Two more groups, and in each the thread that stands for a PARTID of the guest.
    for (const [partid, group] of [
      [1, "serving"],
      [2, "bulk"],
    ]) {
      await tree.mkdir(group);
      await tree.writeFile(`${group}/tasks`, `${vm.partids.threadOf(partid)}\n`);
    }
    await tree.writeFile("bulk/schemata", "L3:0=3\n");
    // The guest's own kernel gives its threads its own PARTIDs.
    for (const partid of [1, 2]) {
      vm.kernel.setTag(9 + partid, { partidD: partid, partidI: partid, pmgD: 0, pmgI: 0 });
    }
  }
  await machine.replay(traces);

  console.log(title);
  for (const group of ["", "vms", "serving", "bulk"]) {
    const file = `${group}/mon_data/mon_L3_00/llc_occupancy`;
    const text = await tree.readFile(file).catch(() => undefined);
    if (text !== undefined) console.log(`  ${(group || "/").padEnd(8)} ${text.trim().padStart(7)} bytes of the L3`);
  }
  const seen = (name) => {
    const access = vm.registers(0).read(name, { el: 1 });
    return `${name} ${access.outcome === "done" ? `0x${access.value.toString(16)}` : "is UNDEFINED"}`;
  };
  console.log(`  the guest: ${["ID_AA64PFR0_EL1", "ID_AA64PFR1_EL1", "MPAMIDR_EL1"].map(seen).join(", ")}\n`);
}

await run("MPAM hidden: all of the guest is in the group of its vCPUs", {});
await run("PARTIDs of its own: two groups of the host for two kinds of work", {
  mpam: "virtual",
  partids: ["thread", "thread"],
});
