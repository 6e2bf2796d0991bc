/** Waiting until services are healthy. */

import { setTimeout as sleep } from "node:timers/promises";

import { say } from "./cli.ts";
import { showLog } from "./create.ts";
import { healthOf } from "./inspect.ts";
import type { Health } from "./inspect.ts";
import { grouped, isEnding } from "./room.ts";
import type { MadeContainer, Room } from "./room.ts";

/** Between two looks; the runner begins with 2 s and doubles up to 32 s, which makes a fast service wait. */
const FIRST_LOOK_MS = 100;
const LOOK_MAX_MS = 2_000;
const SAY_EVERY_MS = 10_000;
/** Where the job is being ended: which service it was that everybody waited for. */
const LAST_LOOK_MS = 5_000;

/**
 * Null when every service is healthy or has no health check; else why not, for people. Docker itself ends the wait: after
 * `--health-retries` failures, and when the container ends, it says unhealthy (actions/runner ContainerOperationProvider.cs,
 * RunContainersHealthcheck). The log of each that is not healthy is shown, also when the job's time ends the wait.
 */
export async function awaitHealthy(
  room: Room,
  step: number,
  services: readonly MadeContainer[],
): Promise<string | null> {
  const ill: MadeContainer[] = [];
  const unknown: string[] = [];
  await grouped(room.host, step, "Waiting for all services to be ready", async () => {
    for (const service of services) {
      const health = await settled(room, step, service);
      if ("failed" in health) unknown.push(`service ${service.service ?? ""}: ${health.failed}`);
      else if (health.status === "unhealthy" || health.status === "starting") ill.push(service);
      if (isEnding(room) && "failed" in health) break;
      say(room.host, step, `${service.service ?? ""}: ${described(health)}`);
      // As on GitHub, the job goes on: a service may have been meant to end.
      if (!("failed" in health) && health.status === "none" && !health.isRunning)
        await showLog(room, step, service);
    }
  });
  for (const service of ill)
    await grouped(room.host, step, `Log of service ${service.service ?? ""}`, () =>
      showLog(room, step, service),
    );
  const names = ill.map(({ service }) => service ?? "").join(", ");
  const reasons = [
    ...unknown,
    ...(ill.length === 0 ? [] : [`not healthy: ${ill.length === 1 ? "service" : "services"} ${names}`]),
  ];
  return reasons.length === 0 ? null : reasons.join("; ");
}

/** The first answer that is not `starting`, or the last one when the job is cancelled meanwhile. */
async function settled(
  room: Room,
  step: number,
  service: MadeContainer,
): Promise<Health | { readonly failed: string }> {
  let said = room.host.now();
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, LOOK_MAX_MS)) {
    if (isEnding(room)) break;
    const health = await healthOf(room, step, service.id);
    if (isEnding(room)) break;
    if ("failed" in health || health.status !== "starting" || !health.isRunning) return health;
    if (room.host.now() - said >= SAY_EVERY_MS) {
      said = room.host.now();
      say(room.host, step, `${service.service ?? ""}: still starting${quoted(health.words)}`);
    }
    // Cancelled meanwhile: the loop sees it.
    await sleep(waitMs, undefined, room.cancel).catch(() => null);
  }
  return healthOf({ ...room, cancel: { signal: AbortSignal.timeout(LAST_LOOK_MS) } }, step, service.id);
}

function described(health: Health | { readonly failed: string }): string {
  if ("failed" in health) return `docker cannot say how it is: ${health.failed}`;
  if (health.status === "none") return health.isRunning ? "running, no health check" : "not running any more";
  return `${health.status}${health.status === "healthy" ? "" : quoted(health.words)}`;
}

function quoted(words: string): string {
  return words === "" ? "" : ` (its last check said: ${words})`;
}
