import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openForkStage, type ForkStage } from "../forks/fork-stage.ts";
import { audit } from "../recovery/books.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { CACHE_ACTION, cachingWorkflow, SAY_CACHED } from "./cache-action.ts";

let forks: ForkStage;

describe.skipIf(!canMakeUsers())("a fork's caches (a host with a user of its own: needs root)", () => {
  beforeAll(async () => {
    forks = await openForkStage(1, { defaults: { idle: "0s" } });
    const files = {
      ".github/workflows/ci.yml": cachingWorkflow("deps-1", "${{ github.head_ref }}"),
      ...CACHE_ACTION,
    };
    await forks.stage.github.control.pushCommit({ repo: REPO, branch: "main", login: WRITER, files });
  });
  afterAll(() => forks.close());

  test("what an approved fork's run saved under a key, no run of the repository's own is given", async () => {
    const { number, sha, branch } = await forks.pullFromFork();
    await forks.say(number, `/crabbox run --provider cells -- ${SAY_CACHED}; : forks`);
    await forks.concluded(": forks", "action_required");
    await forks.say(number, `/crabbox approve ${sha}`);
    const poisoning = await forks.concluded(": forks", "success");
    expect(poisoning.output.text).toContain("[:nothing True]");
    const rows = audit(forks.stage.app.stateDir, "select domain, ref, key from cache_entry");
    expect(rows).toEqual([{ domain: `fork:${number}`, ref: `refs/pull/${number}/merge`, key: "deps-1" }]);

    const own = await forks.stage.run(`/crabbox run -- ${SAY_CACHED}; : own`);
    expect(own.output.text).toContain("[:nothing True]");
    await forks.say(number, `/crabbox run --provider cells -- ${SAY_CACHED}; : again`);
    const again = await forks.concluded(": again", "success");
    expect(again.output.text).toContain(`[deps-1:${branch} True]`);
  });
});
