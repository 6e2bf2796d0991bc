import { join, sep } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The kills at every call take ten minutes: begun last, they would keep one worker alone at the end. */
class RecoveryFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isFirst = ({ moduleId }: TestSpecification) => moduleId.includes(`${sep}recovery${sep}kill-`);
    return [...sorted.filter(isFirst), ...sorted.filter((file) => !isFirst(file))];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/servers/docker-end.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Most tests wait for processes of their own; vitest itself would leave one core to the machine.
    maxWorkers: 2,
    sequence: { sequencer: RecoveryFirst },
    reporters: ["default"],
    // Hundreds of Apps are started and killed: compiled once, a start costs less than half.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "compile") },
  },
});
