import { openStore } from "../../app/store/open-store.ts";
import { createSystemClock } from "../../app/clock.ts";

/**
 * A program for the crash test: writes deliveries and runs without end, 20 at a time, and prints the key of each one once the store has
 * acknowledged it. Arguments: the database's path.
 */
const [, , path] = process.argv;
if (path === undefined) throw new Error("usage: crash-writer.ts DATABASE");
const store = await openStore({ path, clock: createSystemClock() });
process.stdout.write("ready\n");
let next = 0;

async function work(): Promise<void> {
  for (;;) {
    const n = next;
    next += 1;
    const guid = `${store.fence}-${n}`;
    const body = Buffer.from(`body of ${guid}`);
    await store.deliveries.put({ guid, event: "push", action: null, installationId: null, body });
    await store.outside.done(`call:${guid}`, { n }, guid);
    process.stdout.write(`${guid}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, () => work()));
