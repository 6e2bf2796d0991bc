import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/servers/docker-end.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Most tests wait for processes of their own; vitest itself would leave one core to the machine.
    maxWorkers: 2,
    reporters: ["default"],
    // Hundreds of Apps are started and killed: compiled once, a start costs less than half.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "compile") },
  },
});
