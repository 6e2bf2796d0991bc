import { describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { openHostScene, type HostScene } from "./host-scene.ts";
import { endOnHost, tellOnHost } from "./host-telling.ts";
import { openTurnstile } from "./turnstile.ts";

const LANE_MS = 20 * 60_000;
/** Only ends a sweep that would never end. */
const MAX_COMMANDS = 40;

/** A box without a run, then extended, then given back with its pull request. */
async function story({ scene }: HostScene): Promise<void> {
  const lease = () =>
    audit(
      scene.stateDir,
      "select state, expires_at - created_at as life from lease where state in ('requested', 'active')",
    );
  await scene.comment("/crabbox warmup --ttl 1h --idle 1h");
  await until(() => lease()[0]?.["state"] === "active", "the warm box");
  expect(lease()).toHaveLength(1);
  await scene.comment("/crabbox extend 30m");
  await until(() => Number(lease()[0]?.["life"]) > 4_000_000, "the box to live longer");
  await scene.quiet();
  // Told again after a crash, it adds nothing.
  expect(Number(lease()[0]?.["life"])).toBeLessThan(5_500_000);
  await scene.closePull();
}

describe.concurrent("the App dies by SIGKILL while it makes and extends a box without a run", () => {
  for (const when of ["before", "after"] as const) {
    test(`${when} every command on its host`, { timeout: LANE_MS }, async () => {
      const turnstile = await openTurnstile();
      const host = await openHostScene({ forceCommand: turnstile.program });
      try {
        const at: string[] = [];
        for (let n = 1; n <= MAX_COMMANDS; n += 1) {
          turnstile.arm({ n, when }, () => process.kill(host.scene.stage.app.pid(), "SIGKILL"));
          const telling = { tokens: [`warmup-${when}-${n}`], play: () => story(host) };
          const struck = await tellOnHost(host, telling, () => turnstile.disarm());
          if (struck === null) break;
          at.push(struck.slice(0, 60));
        }
        expect(at.length).toBeGreaterThan(3);
        expect(at.length).toBeLessThan(MAX_COMMANDS);
        expect(audit(host.scene.stateDir, "select count(*) as n from lease")[0]?.["n"]).toBe(at.length + 1);
        await endOnHost(host);
        process.stdout.write(
          `kills of warmup ${when} commands on a host: N = ${at.length}\n  ${at.join("\n  ")}\n`,
        );
      } finally {
        await host.close();
        await turnstile.close();
      }
    });
  }
});
