import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../app/store/open-store.ts";
import { createHandClock } from "./fixture.ts";

const ROUNDS = 4;
/** As many as crash-writer.ts has. */
const WORKERS = 20;
const ACKNOWLEDGED_BEFORE_KILL = 150;
const WRITER = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Lets the writer acknowledge some, kills it in the middle of its work, and answers every key that it had acknowledged. */
async function writeUntilKilled(path: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, path], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== "ready") acknowledged.push(line);
    if (acknowledged.length === ACKNOWLEDGED_BEFORE_KILL) child.kill("SIGKILL");
  }
  await closed;
  return acknowledged;
}

describe("a process killed while it writes", () => {
  it("has lost nothing that it acknowledged, and left nothing half done", async () => {
    const path = join(dir, "crash.sqlite");
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) acknowledged.push(...(await writeUntilKilled(path)));
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED_BEFORE_KILL);

    const store = await openStore({ path, clock: createHandClock() });
    try {
      expect(store.fence).toBe(ROUNDS + 1);
      expect(await store.deliveries.known(acknowledged)).toEqual(new Set(acknowledged));
      for (const guid of acknowledged) {
        expect(await store.outside.get(`call:${guid}`)).toMatchObject({ state: "done", sent: guid });
      }
      // One per worker and round may have been committed without the answer getting out; no more.
      const { stored } = await store.deliveries.counts();
      expect(stored).toBeLessThanOrEqual(acknowledged.length + ROUNDS * WORKERS);
      // Clean-up of an earlier process's work: its claims do not hold.
      expect(await store.deliveries.claim(10, 1_000)).toHaveLength(10);
    } finally {
      await store.close();
    }
  });
});
