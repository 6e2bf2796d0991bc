import { lockInstance } from "../../app/store/instance-lock.ts";

/** A program for the lock's test: takes the lock of the state directory it is given, says so, and stays. */
const [, , stateDir] = process.argv;
if (stateDir === undefined) throw new Error("usage: lock-holder.ts STATE_DIR");
await lockInstance(stateDir, { adminSocket: "/run/admin.sock" });
process.stdout.write("locked\n");
setInterval(() => undefined, 60_000);
