#!/usr/bin/env node
// `npx crabbox-app`: installs when needed, then runs the TypeScript CLI on Node 24: this one, or the one that is installed.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../../setup.mjs";
import { keptCode } from "./kept-code.mjs";

// What is kept was made of what is installed, and of the same lock.
if (process.argv[2] !== "job" || keptCode() === null) await ensureInstalled({ dev: false });
if (process.versions.node.startsWith("24.")) await import("./enter.mjs");
else {
  const enter = fileURLToPath(new URL("enter.mjs", import.meta.url));
  const child = spawn(NODE, [enter, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal's Ctrl-C reaches the child by itself, and it is the child that ends when it has tidied up.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code) => process.exit(code ?? 1));
}
