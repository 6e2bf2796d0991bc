import type { ServerResponse } from "node:http";
import { primaryLimit, secondaryLimit } from "./api/limits.ts";
import type { Reply } from "./api/router.ts";
import type { Decision, FaultEffect } from "./faults.ts";
import { Failure, failureBody } from "./http/failure.ts";
import type { World } from "./world.ts";

/** For "after" on streams: the work is done, and its answer never leaves. */
export function silenced(response: ServerResponse, decision: Decision): ServerResponse {
  if (decision.kill === null && decision.effect !== "close-after") return response;
  response.write = () => true;
  response.end = () => {
    response.destroy();
    return response;
  };
  return response;
}

/** Kills the process that a kill switch names. */
export function strike(world: World, decision: Decision): void {
  if (decision.kill === null) return;
  try {
    process.kill(decision.kill.pid, "SIGKILL");
  } catch (error) {
    world.journal.violation("crash", "killAt", String(error));
  }
}

/** The answer that a fault gives instead of the real one; null when it gives none. */
export function refusal(effect: FaultEffect | null): Reply | null {
  const reply = (failure: Failure, headers: Record<string, string> = {}): Reply => ({
    status: failure.status,
    json: failureBody(failure),
    headers: { ...failure.headers, ...headers },
  });
  const inAMinute = String(Math.ceil(Date.now() / 1000) + 60);
  switch (effect) {
    case "secondary":
      return reply(secondaryLimit());
    case "primary": {
      const failure = primaryLimit({ key: "installation", kind: "app", installationId: null });
      return reply(failure, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inAMinute });
    }
    case "too-many":
      return reply(new Failure(429, "Too many requests", { headers: { "retry-after": "60" } }));
    case "server-error":
      return reply(new Failure(500, "Server Error"));
    case "bad-gateway":
      return reply(new Failure(502, "Bad Gateway"));
    case "hang":
    case "close-before":
    case "close-after":
    case "delay":
    case null:
      return null;
  }
}
