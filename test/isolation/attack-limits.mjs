// Part of the attack: taking more than its share, and more rights than it was given. Plain JavaScript, for it runs in a box.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";

const CHUNK = Buffer.alloc(4 * 1024 * 1024, 1);

/** Processes side by side until it is refused one; `most` of them is more than a box has. */
export async function forkBomb(most) {
  const children = [];
  let refused = null;
  while (children.length < most && refused === null) {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    const failed = await new Promise((resolve) =>
      child.once("error", resolve).once("spawn", () => resolve(null)),
    );
    if (failed === null) children.push(child);
    else refused = failed;
  }
  await Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          child.once("exit", resolve);
          child.kill("SIGKILL");
        }),
    ),
  );
  return refused === null ? `${children.length} processes` : null;
}

/** Bytes into a file until the disk is full; `mostMib` of them is more than a box has. */
export function diskFill(dir, mostMib) {
  const path = `${dir}/attack-fill`;
  let written = 0;
  const file = openSync(path, "w");
  try {
    while (written < mostMib * 2 ** 20) written += writeSync(file, CHUNK);
    return `${mostMib} MiB in ${dir}`;
  } catch (error) {
    return error.code === "ENOSPC" || error.code === "EDQUOT" ? null : String(error);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

/** Memory in a process of its own, which the kernel is to end before `mostMib`. */
export function memory(mostMib) {
  const script = `require("node:fs").writeFileSync("/proc/self/oom_score_adj", "1000");
    const kept = []; for (let taken = 0; taken < ${mostMib}; taken += 8) kept.push(Buffer.alloc(8 * 1048576, 1));`;
  const { status } = spawnSync(process.execPath, ["-e", script], { stdio: "ignore" });
  return status === 0 ? `${mostMib} MiB` : null;
}

/** The first of some commands that succeeds. */
export function succeeds(commands) {
  const found = commands.find(
    ([file, ...args]) => spawnSync(file, args, { stdio: "ignore", timeout: 10_000 }).status === 0,
  );
  return found?.join(" ") ?? null;
}
