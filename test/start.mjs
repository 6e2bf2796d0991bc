// `npm test`: sets up a fresh clone, runs the tests on Node 24, names what was skipped and closes with one line of counts.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
await ensureInstalled();
const dir = mkdtempSync(join(tmpdir(), "crabbox-test-"));
const report = join(dir, "report.json");
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const child = spawn(
  NODE,
  [
    vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);
const code = await new Promise((resolve) => child.on("close", (status) => resolve(status ?? 1)));
try {
  const result = JSON.parse(readFileSync(report, "utf8"));
  const skipped = result.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === "pending" || test.status === "skipped" || test.status === "todo");
  if (skipped.length > 0) console.log("\nSkipped, because this machine lacks what they need:");
  for (const test of skipped) console.log(`  - ${test.fullName}`);
  console.log(
    `\n${result.numPassedTests} passed, ${result.numFailedTests} failed, ${skipped.length} skipped`,
  );
} catch {
  console.log("\nThe test run ended before it could report.");
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exit(code);
