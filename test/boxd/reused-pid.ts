/** Run as the first process of a PID namespace: a client ends, a stranger gets its pid, then the client's time is over. Prints what became of him. */

import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";

import { runOwn } from "../../runner-bootstrap/boxd/contain/run-own.ts";
import { until } from "../servers/until.ts";

const TRIES = 200;

const over = new AbortController();
let said = "";
const running = runOwn(
  {
    // Its output stays open by a child that has left its session.
    argv: ["sh", "-c", "echo $$; setsid sleep 300 &"],
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: "/",
    onOutput: (chunk) => void (said += Buffer.from(chunk).toString()),
  },
  over.signal,
);
await until(() => said.includes("\n"), "the client's pid");
const pid = Number(said);
await until(() => isFree(), "the client's end");
const stranger = await reborn();
over.abort();
const end = await running;
process.stdout.write(
  `${JSON.stringify({ end, isThere: stranger !== null, killedBy: await fate(stranger) })}\n`,
);
process.exit(0);

function isFree(): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    // ESRCH: it has been waited for.
    return true;
  }
}

async function reborn(): Promise<ChildProcess | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    const child = spawn("sleep", ["300"], { stdio: "ignore", detached: tries % 2 === 0 });
    if (child.pid === pid) return child;
    child.kill("SIGKILL");
  }
  return null;
}

/** Ended from here at last: the signal that it had before. */
async function fate(child: ChildProcess | null): Promise<string | null> {
  if (child === null) return null;
  const ended = new Promise<string | null>((resolve) => {
    if (child.signalCode !== null) resolve(child.signalCode);
    child.once("exit", (_, name) => resolve(name));
  });
  child.kill("SIGTERM");
  return ended;
}
