// Checks every shell file git knows, and skips by name where shellcheck is not installed.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const tracked = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" })
  .split("\0")
  .filter((path) => path !== "");
const isShell = (path) =>
  path.endsWith(".sh") ||
  (!path.includes(".") && /^#!.*\b(ba)?sh\b/u.test(readFileSync(path, "utf8").slice(0, 80)));
const files = tracked.filter((path) => path.endsWith(".sh") || path === ".ci/run" || isShell(path));
const probe = spawnSync("shellcheck", ["--version"], { stdio: "ignore" });
if (probe.error !== undefined) {
  console.log(
    `shellcheck is not installed: skipped for ${files.length} files (Debian, Ubuntu: apt-get install -y shellcheck)`,
  );
} else {
  const result = spawnSync("shellcheck", ["--severity=style", ...files], { stdio: "inherit" });
  process.exit(result.status ?? 1);
}
