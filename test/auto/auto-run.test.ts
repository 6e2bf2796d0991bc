import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import { BASE_TIP, HEAD } from "../commands/world.ts";
import { FILE, openAutoWorld, type AutoWorld } from "./world.ts";

let world: AutoWorld;
beforeEach(async () => {
  world = await openAutoWorld();
});
afterEach(() => world.close());

const REOPENED = { cause: { kind: "push", isNew: false } } as const;
const label = (name: string) => ({ cause: { kind: "label", label: name } }) as const;

describe("a push", () => {
  it("makes one run an entry and delivery, with what the file says", async () => {
    await world.trigger("g1");
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([
      {
        source: "push",
        sourceKey: "g1:auto:unit",
        checkName: "crabbox / unit",
        command: "make test",
        commandKind: "line",
        headSha: HEAD,
        checkoutSha: HEAD,
        baseSha: BASE_TIP,
        actor: "mona",
        state: "queued",
        trustDomain: "77:trusted",
        options: { class: "large", timeoutMs: 300_000 },
      },
    ]);
  });

  it("asks nobody's role: a push to the repository's own branch is one", async () => {
    world.outside.role = "read";
    expect(await world.trigger("g1")).toEqual({ kind: "started", runs: 1 });
    expect(world.outside.calls).not.toContain("role mona");
  });

  it.each([
    ["of an older head than the present", { headSha: "e".repeat(40) }],
    ["to a closed pull request", {}],
  ])("%s starts nothing", async (what, change) => {
    if (what.includes("closed"))
      world.outside.pullRequest = { ...world.outside.pullRequest, state: "closed" };
    expect(await world.trigger("g1", change)).toEqual({ kind: "moved_on" });
    expect(await world.runs()).toEqual([]);
  });

  it("of a fork or of Dependabot is held for an approval, or refused where none would do", async () => {
    world.outside.pullRequest = { ...world.outside.pullRequest, fork: true, headRepositoryId: 99 };
    await world.trigger("g1");
    expect(await world.runs()).toMatchObject([{ state: "reporting", outcome: "refused" }]);
    world.write(FILE.replace("timeout: 5m", "timeout: 5m, provider: cell"));
    await world.trigger("g2");
    expect((await world.runs())[0]).toMatchObject({ state: "held", trustDomain: "77:fork:5" });
    world.outside.forks = { policy: "never", bases: [] };
    await world.trigger("g3");
    expect((await world.runs())[0]).toMatchObject({
      outcome: "refused",
      detail: { message: expect.stringMatching(/does not run here/u) },
    });
  });

  it("starts nothing where the server does not let it", async () => {
    expect(await world.trigger("g1", {}, { ...world.deps, autoRuns: false })).toEqual({ kind: "nothing" });
    expect(await world.runs()).toEqual([]);
  });

  it("of nothing new starts what has no result yet, and only that", async () => {
    await world.trigger("g1", REOPENED);
    await world.trigger("g2", REOPENED);
    expect(await world.runs()).toHaveLength(1);
    const [run] = await world.runs();
    if (run === undefined) throw new Error("no run");
    await world.finish(run);
    await world.trigger("g3", REOPENED);
    expect(await world.runs()).toHaveLength(1);
    await world.trigger("g4");
    expect(await world.runs()).toHaveLength(2);
  });

  it("that meets a broken file starts nothing and gets the check that says why", async () => {
    world.write("auto: 5\n");
    expect(await world.trigger("g1")).toEqual({ kind: "broken_file" });
    expect(world.outside.file.checks).toMatchObject([{ of: "default", headSha: HEAD, read: { ok: false } }]);
    expect(await world.runs()).toEqual([]);
  });

  it("fails, and comes again, when the repository cannot be seen", async () => {
    world.outside.file.tip = () => {
      throw new AppError("github_gone", "It is gone.", "Nothing.");
    };
    await expect(world.trigger("g1")).rejects.toMatchObject({ code: "github_gone" });
  });
});

describe("a label", () => {
  it("starts its entry when a writer puts it, in whatever case", async () => {
    expect(await world.trigger("g1", label("full tests"))).toEqual({ kind: "started", runs: 1 });
    expect(await world.runs()).toMatchObject([
      { source: "label", checkName: "crabbox / late", commandKind: "script", command: "make\nmake all\n" },
    ]);
  });

  it.each(["read", "triage", "none"] as const)("put by somebody with %s starts nothing", async (role) => {
    world.outside.role = role;
    expect(await world.trigger("g1", label("Full Tests"))).toEqual({ kind: "not_allowed" });
    expect(await world.runs()).toEqual([]);
  });

  it("put by a bot that is not listed starts nothing", async () => {
    const sender = { id: 4, login: "labeler[bot]", type: "Bot", viaAppId: null };
    expect(await world.trigger("g1", { ...label("Full Tests"), sender })).toEqual({ kind: "not_allowed" });
  });

  it("is its sender's to put only within the file's `who`", async () => {
    world.write(`${FILE}who: { role: maintain }\n`);
    expect(await world.trigger("g1", label("Full Tests"))).toEqual({ kind: "not_allowed" });
    world.outside.role = "maintain";
    expect(await world.trigger("g2", label("Full Tests"))).toEqual({ kind: "started", runs: 1 });
  });

  it("of another name is nobody's", async () => {
    expect(await world.trigger("g1", label("bug"))).toEqual({ kind: "nothing" });
    expect(world.outside.calls).toEqual([]);
  });
});
