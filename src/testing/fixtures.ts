// Fixtures in the form of vitest's `test.extend`, without anything of vitest.

import { ErrnoError } from "../errno/index.ts";
import { type MountedTree, type MountedTreeOptions, mountTree } from "./mounted-tree.ts";
import { bootMachine, type TestMachine, type TestMachineOptions } from "./test-machine.ts";

/** What `test.extend` calls: it gives a value to `use`, and tidies up when the test has ended. */
export type Fixture<Context, Value> = (context: Context, use: (value: Value) => Promise<void>) => Promise<void>;

/** What a fixture needs of the test that it is for. */
export interface TestContext {
  /** Ends the test, which counts as skipped. */
  readonly skip: (why: string) => never;
}

/** What a test that is extended by `withMachine` takes. */
export interface MachineFixtures {
  /** A machine of its own, closed after the test. */
  readonly emulated: Fixture<object, TestMachine>;
}

/** What a test that is extended by `withMount` takes. */
export interface MountFixtures {
  /** A mount of its own, gone after the test. Where nothing can be mounted, the test is skipped, and says why. */
  readonly mounted: Fixture<TestContext, MountedTree>;
}

/** For `test.extend(withMachine("platform.yaml"))`: tests get `emulated`, a TestMachine. Takes what `bootMachine` takes. */
export function withMachine(platform: string | URL | object, options: TestMachineOptions = {}): MachineFixtures {
  return {
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from it what a fixture needs
    emulated: async ({}, use) => {
      const emulated = await bootMachine(platform, options);
      try {
        await use(emulated);
      } finally {
        await emulated.close();
      }
    },
  };
}

/** For `test.extend(withMount("platform.yaml"))`: tests get `mounted.directory`. Takes what `mountTree` takes. */
export function withMount(platform: string | URL, options: MountedTreeOptions = {}): MountFixtures {
  return {
    mounted: async ({ skip }, use) => {
      const mounted = await mountTree(platform, options).catch((error: unknown) => {
        if (!(error instanceof ErrnoError) || !["ENODEV", "EPERM", "EACCES"].includes(error.code)) throw error;
        return skip(`nothing can be mounted here: ${error.message}`);
      });
      try {
        await use(mounted);
      } finally {
        await mounted.close();
      }
    },
  };
}
