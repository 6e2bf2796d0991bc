/*
 * A whole App as far as boxes go, to be killed: opens the local provider in the state directory given, takes a box,
 * starts a task on it, says where its output is, and waits.
 */
import { createSystemClock } from "../../app/clock.ts";
import { openBox } from "../../app/ssh/boxd-client.ts";
import { createLocal } from "../../providers/local/local.ts";
import { LocalSettings } from "../../providers/local/settings.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";
import { taskOf } from "../ssh/box-stage.ts";

const [, , stateDir = "", leaseId = "", command = "", sandbox = "none"] = process.argv;
const clock = createSystemClock();
const signal = AbortSignal.timeout(60_000);
const provider = createLocal(LocalSettings.parse({ kind: "local", unsafe: true, inContainer: "allow" }), {
  clock,
  stateDir,
});
await provider.open(signal);
const box = await provider.create(
  {
    idempotencyId: leaseId,
    types: ["local"],
    labels: { owner: "owner-a", leaseId, trustDomain: "1:trusted", expiresAt: Date.now() + 600_000 },
    repository: "octo/sample",
  },
  signal,
);
if (box.address === undefined) throw new Error("no address");
const link = await openBox(
  { clock, programs: await bundleBoxd(), programDir: stateDir, nodePath: process.execPath },
  box.address,
);
await link.start(
  { ...taskOf("task_app", command), sandbox: sandbox === "bwrap" ? "bwrap" : "none" },
  0,
  {
    append: async () => undefined,
    event: () => undefined,
    output: (payload) => void process.stdout.write(payload),
  },
  new AbortController().signal,
);
process.stdout.write("ended\n");
