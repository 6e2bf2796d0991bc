// (e) A cold docker box: from the delivery to the command's first byte (network, container, sshd, boxd, fetch and checkout), beside
// `docker run` of the same image by hand, which has none of these.
import { spawnSync } from "node:child_process";

import { bridgeAddress, dockerMissing, endIdleDocker, startDocker } from "../test/servers/docker.ts";
import { freePort, openStage, REPO } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";
import { imageName } from "../providers/docker/image.ts";
import { DockerSettings } from "../providers/docker/settings.ts";
import { ms, percentile, report } from "./report.ts";

import type { Stage } from "../test/servers/stage.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 10);
/** The command tells its own time; containers have the machine's clock. */
const STAMP = "date +%s%N";
const STAMP_FORM = /\b(\d{13})\d{6}\b/;
/** A first image takes a build. */
const READY_WITHIN_MS = 20 * 60_000;

const missing = dockerMissing();
if (missing === null) await bench();
else console.log(`docker: ${missing}; nothing is measured`);

async function bench(): Promise<void> {
  const { socketPath, base } = await startDocker();
  const [host, port] = [bridgeAddress(socketPath), await freePort()];
  const settings = DockerSettings.parse({
    kind: "docker",
    name: "docker",
    socketPath,
    image: { base },
    reach: [`${host}:${port}`],
  });
  const stage = await openStage({
    github: { host, port },
    settings: { providers: [settings], defaults: { provider: "docker" } },
  });
  try {
    // The image and the provider's probe, once.
    await cold(stage);
    const ours: number[] = [];
    const hand: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const both = [
        async () => void ours.push(await cold(stage)),
        async () => void hand.push(byHand(socketPath, imageName(settings))),
      ];
      for (const one of round % 2 === 0 ? both : both.reverse()) await one();
    }
    for (const [name, share] of [
      ["p50", 0.5],
      ["p95", 0.95],
    ] as const) {
      report({
        what: `docker, cold box, from delivery to first byte, ${name} of ${ROUNDS}`,
        ours: ms(percentile(ours, share)),
        beside: `${ms(percentile(hand, share))} docker run`,
        ratio: percentile(ours, share) / percentile(hand, share),
        target: null,
      });
    }
  } finally {
    await stage.close();
    await endIdleDocker();
  }
}

/** One run on a box of its own, which is given back after it. Milliseconds. */
async function cold(stage: Stage): Promise<number> {
  const { control } = stage.github;
  const before = new Set((await stage.checks()).map(({ id }) => id));
  await stage.comment(`/crabbox run -- ${STAMP}`);
  const check = await until(
    async () => (await stage.checks()).find(({ id, status }) => !before.has(id) && status === "completed"),
    "a run to complete",
    READY_WITHIN_MS,
  );
  const [delivery] = await control.listDeliveries({ event: "issue_comment", action: "created", limit: 1 });
  const firstByteAt = stampOf(check.output.text ?? "");
  await control.comment({ repo: REPO, number: stage.pull, login: "wanda", body: "/crabbox stop" });
  await until(async () => {
    const metrics = await (await fetch(`${stage.app.url}/metrics`)).text();
    return !/^crabbox_leases_live(?:\{[^}]*\})? [1-9]/m.test(metrics);
  }, "the box to be given back");
  return firstByteAt - Date.parse(delivery?.queuedAt ?? "");
}

/** The least a container costs here. Milliseconds. */
function byHand(socketPath: string, image: string): number {
  const begin = performance.timeOrigin + performance.now();
  const argv = ["-H", `unix://${socketPath}`, "run", "--rm", "--entrypoint", "date", image, "+%s%N"];
  return stampOf(spawnSync("docker", argv, { encoding: "utf8" }).stdout) - begin;
}

/** Epoch ms. */
function stampOf(text: string): number {
  const found = STAMP_FORM.exec(text)?.[1];
  if (found === undefined) throw new Error(`the command's own time is missing in: ${text.slice(0, 2_000)}`);
  return Number(found);
}
