#!/usr/bin/env node
// `npx crabbox-app`: installs when needed, then runs the TypeScript CLI on Node 24.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../../setup.mjs";

await ensureInstalled({ dev: false });
const main = fileURLToPath(new URL("main.ts", import.meta.url));
const child = spawn(NODE, [main, ...process.argv.slice(2)], { stdio: "inherit" });
child.on("close", (code, signal) => {
  // A step of `job` may end whatever its user may.
  if (signal !== null) process.stderr.write(`crabbox-app was ended by ${signal}.\n`);
  process.exit(code ?? 1);
});
