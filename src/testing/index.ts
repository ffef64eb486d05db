// Fixtures for tests of tools that use resctrl: a machine for each test, in memory or mounted.

export {
  type Fixture,
  type MachineFixtures,
  type MountFixtures,
  type TestContext,
  withMachine,
  withMount,
} from "./fixtures.ts";
export { type MountedTree, type MountedTreeOptions, mountTree } from "./mounted-tree.ts";
export { bootMachine, type PlayOptions, type Schemata, TestMachine, type TestMachineOptions } from "./test-machine.ts";
