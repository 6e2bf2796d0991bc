import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const IN_NAMESPACE = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const isMissing = spawnSync("unshare", [...IN_NAMESPACE, "true"]).status !== 0;

it.skipIf(isMissing)(
  "a client's pid that another has got meanwhile is not killed with it",
  () => {
    const program = fileURLToPath(new URL("reused-pid.ts", import.meta.url));
    const ran = spawnSync("unshare", [...IN_NAMESPACE, process.execPath, program], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(ran.stderr).toBe("");
    expect(JSON.parse(ran.stdout)).toEqual({ end: { timedOut: true }, isThere: true, killedBy: "SIGTERM" });
  },
  90_000,
);
