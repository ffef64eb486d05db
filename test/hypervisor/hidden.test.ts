import { expect, test } from "vitest";
import { hostOn, ns, tag } from "./host.ts";

test("a guest from which MPAM is hidden runs with the label of the thread of its vCPU", () => {
  const { hypervisor, kernel, labelOf } = hostOn();
  const vm = hypervisor.addVm({ name: "vm1", vcpus: [0] });
  hypervisor.settle();
  const [vcpu] = vm.vcpus;
  vm.kernel.addTask({ tid: 7, pid: 7, comm: "app", cpu: 0 });
  kernel.setTag(vcpu!.tid, tag(5, 2));
  for (const el of [0, 1]) expect(labelOf(0, [vcpu!.tid, 7], el)).toEqual(ns(5, 2));
});

test("the world switch of a VHE host writes what the reference says, and back", () => {
  const { hypervisor, kernel, port } = hostOn();
  const vm = hypervisor.addVm({ name: "vm1", vcpus: [0] });
  hypervisor.settle();
  const { tid } = vm.vcpus[0]!;
  kernel.setTag(tid, tag(5, 2));
  port.taken();
  hypervisor.switchTo(0, [tid, 7]);
  expect(port.taken()).toEqual([]);
  hypervisor.switchTo(0, [1]);
  expect(port.taken()).toEqual([]);
});
