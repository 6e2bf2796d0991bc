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
  },
});
