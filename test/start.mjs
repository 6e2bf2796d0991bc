// `npm test`: sets up a fresh clone, runs the tests on Node 24, names what was skipped and closes with one line of counts.
// Files that failed are run once more, alone: what passes then is named as flaky, for somebody to mend, and refuses nothing.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../setup.mjs";

/** More than this is no flake: running it all again would only take longer to say so. */
const AGAIN_FILES = 3;

const root = fileURLToPath(new URL("..", import.meta.url));
await ensureInstalled();
const dir = mkdtempSync(join(tmpdir(), "crabbox-test-"));
const given = process.argv.slice(2);
let code = 1;
try {
  const first = await run(given, "first");
  code = first.code;
  const failed = filesOf(first, "failed");
  let left = first.report?.numFailedTests ?? 0;
  const whole = !given.some((argument) => argument.startsWith("-"));
  if (whole && code !== 0 && failed.length > 0 && failed.length <= AGAIN_FILES) {
    console.log(`\nOnce more, alone: ${failed.join(", ")}`);
    const second = await run(["--no-file-parallelism", ...failed], "second");
    code = second.code;
    left = second.report?.numFailedTests ?? left;
    if (code === 0)
      console.log(`\nFLAKY, passed only when run alone: ${testsOf(first, "failed").join("; ")}`);
  }
  const skipped = ["pending", "skipped", "todo"].flatMap((status) => testsOf(first, status));
  if (skipped.length > 0) console.log("\nSkipped, because this machine lacks what they need:");
  for (const test of skipped) console.log(`  - ${test}`);
  if (first.report === null) console.log("\nThe test run ended before it could report.");
  else {
    const passed = first.report.numPassedTests + first.report.numFailedTests - left;
    console.log(`\n${passed} passed, ${left} failed, ${skipped.length} skipped`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exit(code);

/** One run of vitest; its report is null when it ended before it could write one. */
async function run(args, name) {
  const file = join(dir, `${name}.json`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const child = spawn(NODE, [vitest, "run", ...reporters, ...args], { cwd: root, stdio: "inherit" });
  const ended = await new Promise((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  try {
    return { code: ended, report: JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    return { code: ended, report: null };
  }
}

function filesOf({ report }, status) {
  const files = (report?.testResults ?? []).filter((file) => file.status === status);
  return files.map((file) => relative(root, file.name));
}

function testsOf({ report }, status) {
  const all = (report?.testResults ?? []).flatMap((file) => file.assertionResults);
  return all.filter((test) => test.status === status).map((test) => test.fullName);
}
