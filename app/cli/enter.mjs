// Starts the CLI in this process, on Node 24, with its compiled code kept between commands: reading it is most of a short one. Plain
// JavaScript, because Node's TypeScript reader takes 40 ms to load and is not needed for what is kept. Node itself checks what is kept
// against the source, and does without where it cannot be written.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { keepCode, keptCode } from "./kept-code.mjs";
import { endNow, runKept } from "./run-kept.mjs";

const isJob = process.argv[2] === "job";
const kept = isJob ? keptCode() : null;
if (kept !== null) {
  await runKept(kept);
  await endNow();
} else {
  // As app/cache-dir.ts has it, which is TypeScript.
  enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "crabbox", "node"));
  const { ended } = await import(new URL("main.ts", import.meta.url).href);
  await ended;
  // The next one starts faster. Where nothing can be written all goes on as it does without.
  if (isJob) await keepCode().catch(() => undefined);
}
