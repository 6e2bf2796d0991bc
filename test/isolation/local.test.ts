import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bubblewrapWorks } from "../../providers/local/refusal.ts";
import { attackStage } from "./attack-stage.ts";
import { writer } from "./attacker.ts";

import type { AttackStage } from "./attack-stage.ts";

/** Two runs, and everything a box may take, on a busy machine. */
const TEST_TIMEOUT_MS = 10 * 60_000;
/** What isolation `user` does not keep: the machine's network, and its resources. SECURITY.md has the same list. */
const REACHED = ["app-port", "disk-fill", "fork-bomb", "host-ports", "memory"];
/** Differs by machine and by whether the App is root there (it should not be: SECURITY.md). */
const DEPENDS = new Set(["capabilities", "ipv6-address", "new-namespaces", "process-1-root", "setuid-file"]);

describe.skipIf(!bubblewrapWorks())("the attack script in a local box (needs bwrap)", () => {
  let attacked: AttackStage | undefined;
  beforeAll(async () => {
    attacked = await attackStage({});
  });
  afterAll(() => attacked?.close());

  test("shows what isolation `user` does not keep", { timeout: TEST_TIMEOUT_MS }, async () => {
    const met = await attacked?.attack(writer(attacked.stage), "local", {
      dockerSockets: [],
      neighbours: [],
      metadata: [],
      box: { processes: 60, mib: 96 },
    });
    const reached = [...(met ?? [])].filter(([, how]) => how === "reached").map(([name]) => name);
    expect(reached.filter((name) => !DEPENDS.has(name)).sort()).toEqual(REACHED);
  });
});
