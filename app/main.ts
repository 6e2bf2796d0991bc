import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { toAppError } from "./errors.ts";
import { createLog } from "./log.ts";
import { loadSettings, needsSetUp } from "./settings.ts";
import { setUp } from "./setup/set-up.ts";
import { adminSocketPath, openStateDir } from "./state-dir.ts";
import { lockInstance } from "./store/instance-lock.ts";
import { startSystem } from "./system.ts";

/** A drain ends in seconds; what hangs longer is left to the next start. */
const DRAIN_WITHIN_MS = 15_000;

// V8 looks through the whole heap for each 64 MiB of buffers otherwise: half of what a long log costs (measured: 5.5 s for a
// gigabyte against 2.6 s). Buffers count as heap instead.
setFlagsFromString("--external-memory-accounted-in-global-limit");

await main().catch((thrown: unknown) => {
  const error = toAppError(thrown);
  process.stderr.write(`crabbox-app cannot start: ${error.message}\n${error.hint}\n`);
  if (error.code === "internal")
    process.stderr.write(`${String(error.cause instanceof Error ? error.cause.stack : error.cause)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const missing = needsSetUp();
  if (missing !== null) await setUp(missing, createLog("info"), (text) => process.stderr.write(text));
  const settings = loadSettings();
  const log = createLog(settings.logLevel);
  const stateDir = openStateDir(settings.stateDir);
  const lock = await lockInstance(stateDir, { adminSocket: adminSocketPath(stateDir) });
  const system = await startSystem({ ...settings, stateDir }, log);
  const end = async (signal: NodeJS.Signals) => {
    log.info({ signal }, "draining");
    const late = setTimeout(() => {
      log.error("the drain took too long; what is stored goes on at the next start");
      process.exit(1);
    }, DRAIN_WITHIN_MS);
    late.unref();
    await system.drain();
    await lock.release();
    log.info("drained");
    process.exit(0);
  };
  let ending = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // A second signal means: at once.
      if (ending) process.exit(1);
      ending = true;
      end(signal).catch((error: unknown) => {
        log.error({ err: error }, "the drain failed");
        process.exit(1);
      });
    });
  }
  process.on("unhandledRejection", (error) =>
    log.error({ err: error }, "a rejection nobody handled: a defect"),
  );
  // Last: who reads that it is ready may send a signal at once.
  writeFileSync(join(stateDir, "url"), `${system.url}\n`, { mode: 0o600 });
  log.info({ url: system.url, stateDir }, "the App is ready");
}
