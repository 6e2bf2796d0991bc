// `npm run demo`: sets up a fresh clone, then runs the demo on Node 24. Plain JavaScript, because it runs before anything is installed.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { ensureInstalled, NODE } from "../setup.mjs";

/** Shells tell an end by signal so. */
const SIGNAL_EXIT_BASE = 128;

await ensureInstalled();
const main = fileURLToPath(new URL("main.ts", import.meta.url));
// A session of its own: Ctrl-C reaches only us, and the demo then ends its processes in the right order. The channel carries nothing:
// when this process is gone, however it went, the demo sees it close and ends itself.
const child = spawn(NODE, [main, ...process.argv.slice(2)], {
  detached: true,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`The demo could not be started: ${error.message}\n`);
  process.exit(1);
});
child.on("close", (code, signal) =>
  process.exit(code ?? SIGNAL_EXIT_BASE + (constants.signals[signal] ?? 0)),
);
