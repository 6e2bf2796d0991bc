import { describe, expect, test } from "vitest";
import { runQuickly } from "./chapters.ts";
import { openHostScene, type HostScene } from "./host-scene.ts";
import { endOnHost, tellOnHost } from "./host-telling.ts";
import { openTurnstile } from "./turnstile.ts";

const LANE_MS = 20 * 60_000;
/** Only ends a sweep that would never end. */
const MAX_COMMANDS = 80;
/** Deaths spread evenly over the bytes that a story brings down from the host. */
const BYTE_POINTS = 12;

/** A new box, then warm and failing, then given back. */
async function story({ scene }: HostScene, token: string): Promise<void> {
  await runQuickly(scene, `${token}-new`, 0, "success");
  await runQuickly(scene, `${token}-warm`, 3, "failure");
  await scene.closePull();
}

describe.concurrent("the App dies by SIGKILL at what it asks of a host", () => {
  for (const when of ["before", "after"] as const) {
    test(`${when} every command: leases, boxd, sweeping`, { timeout: LANE_MS }, async () => {
      const began = Date.now();
      const turnstile = await openTurnstile();
      const host = await openHostScene({ forceCommand: turnstile.program });
      try {
        const at: string[] = [];
        for (let n = 1; n <= MAX_COMMANDS; n += 1) {
          turnstile.arm({ n, when }, () => process.kill(host.scene.stage.app.pid(), "SIGKILL"));
          const struck = await tell(host, `host-${when}-${n}`, () => turnstile.disarm());
          if (struck === null) break;
          at.push(struck.replace(/^.*boxd-[0-9a-f]+\.mjs'? ?/u, "boxd ").slice(0, 60));
        }
        expect(at.length).toBeGreaterThan(5);
        expect(at.length).toBeLessThan(MAX_COMMANDS);
        await endOnHost(host);
        const seconds = Math.round((Date.now() - began) / 1_000);
        process.stdout.write(
          `kills ${when} commands on a host: N = ${at.length}, ${seconds} s\n  ${at.join("\n  ")}\n`,
        );
      } finally {
        await host.close();
        await turnstile.close();
      }
    });
  }

  test("anywhere in the bytes of its SSH connections", { timeout: LANE_MS }, async () => {
    const began = Date.now();
    const host = await openHostScene();
    try {
      await tell(host, "bytes-0", () => null);
      const before = host.proxy.bytesDown;
      await tell(host, "bytes-in-peace", () => null);
      const total = host.proxy.bytesDown - before;
      let deaths = 0;
      for (let point = 1; point <= BYTE_POINTS; point += 1) {
        let isKilled = false;
        host.proxy.reach(host.proxy.bytesDown + Math.ceil((total * point) / (BYTE_POINTS + 1)), () => {
          isKilled = true;
          process.kill(host.scene.stage.app.pid(), "SIGKILL");
        });
        await tell(host, `bytes-${point}`, () => {
          host.proxy.reach(Number.POSITIVE_INFINITY, () => undefined);
          return isKilled ? "bytes" : null;
        });
        if (isKilled) deaths += 1;
      }
      expect(deaths).toBeGreaterThan(BYTE_POINTS / 2);
      await endOnHost(host);
      const seconds = Math.round((Date.now() - began) / 1_000);
      process.stdout.write(
        `kills within the ${total} bytes of a story over SSH: N = ${deaths}, ${seconds} s\n`,
      );
    } finally {
      await host.close();
    }
  });
});

function tell(host: HostScene, token: string, disarm: () => string | null): Promise<string | null> {
  const tokens = [`${token}-new`, `${token}-warm`];
  return tellOnHost(host, { tokens, play: () => story(host, token) }, disarm);
}
