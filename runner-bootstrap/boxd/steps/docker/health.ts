/** Waiting until services are healthy. */

import { setTimeout as sleep } from "node:timers/promises";

import { say } from "./cli.ts";
import { showLog } from "./create.ts";
import { healthOf } from "./inspect.ts";
import type { Health } from "./inspect.ts";
import { grouped } from "./room.ts";
import type { MadeContainer, Room } from "./room.ts";

/** Between two looks; the runner begins with 2 s and doubles up to 32 s, which makes a fast service wait. */
const FIRST_LOOK_MS = 100;
const LOOK_MAX_MS = 2_000;
const SAY_EVERY_MS = 10_000;

/**
 * Null when every service is healthy or has no health check. Docker itself ends the wait: after `--health-retries` failures, and when
 * the container ends, it says unhealthy (actions/runner ContainerOperationProvider.cs, RunContainersHealthcheck). The log of each
 * unhealthy one is shown.
 */
export async function awaitHealthy(
  room: Room,
  step: number,
  services: readonly MadeContainer[],
): Promise<string | null> {
  const ill: MadeContainer[] = [];
  await grouped(room.host, step, "Waiting for all services to be ready", async () => {
    for (const service of services) {
      const health = await settled(room, step, service);
      const isIll = health === null || health.status === "unhealthy" || health.status === "starting";
      if (isIll) ill.push(service);
      say(room.host, step, `${service.service ?? ""}: ${described(health)}`);
      // As on GitHub, the job goes on: a service may have been meant to end.
      if (health?.status === "none" && !health.isRunning) await showLog(room, step, service);
    }
  });
  if (room.cancel.signal?.aborted === true && ill.length > 0) return "the job was cancelled";
  for (const service of ill)
    await grouped(room.host, step, `Log of service ${service.service ?? ""}`, () =>
      showLog(room, step, service),
    );
  const names = ill.map(({ service }) => service ?? "").join(", ");
  return ill.length === 0 ? null : `not healthy: ${ill.length === 1 ? "service" : "services"} ${names}`;
}

/** The first answer that is not `starting`; that too when the job is cancelled meanwhile. */
async function settled(room: Room, step: number, service: MadeContainer): Promise<Health | null> {
  const { signal } = room.cancel;
  let said = room.host.now();
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, LOOK_MAX_MS)) {
    const health = await healthOf(room, step, service.id);
    if (health?.status !== "starting" || !health.isRunning || signal?.aborted === true) return health;
    if (room.host.now() - said >= SAY_EVERY_MS) {
      said = room.host.now();
      say(room.host, step, `${service.service ?? ""}: still starting${quoted(health.words)}`);
    }
    // Cancelled meanwhile: the next look is the last.
    await sleep(waitMs, undefined, room.cancel).catch(() => null);
  }
}

function described(health: Health | null): string {
  if (health === null) return "docker cannot say how it is";
  if (health.status === "none") return health.isRunning ? "running, no health check" : "not running any more";
  return `${health.status}${health.status === "healthy" ? "" : quoted(health.words)}`;
}

function quoted(words: string): string {
  return words === "" ? "" : ` (its last check said: ${words})`;
}
