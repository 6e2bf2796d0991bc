import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { AppError } from "../../app/errors.ts";
import { BASE_TIP, HEAD, openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const file = (text: string) => world.outside.file.texts.set(BASE_TIP, text);
let count = 0;
const say = (body: string) => dispatch(world.deps, world.comment(body, { guid: `guid-${(count += 1)}` }));
const lastAnswer = async () => (await world.answers()).at(-1) ?? "";

describe("a named command", () => {
  const COMMANDS =
    'commands:\n  unit: { run: make test, class: large, timeout: 5m }\n  all: { run: "make\\nmake all" }\n';

  it("is run with its options; flags go before them, then the file's defaults", async () => {
    file(`${COMMANDS}defaults: { class: fast, idle: 1m }\n`);
    await say("/crabbox run unit");
    await say("/crabbox run unit --class standard");
    await say("/crabbox run all");
    expect(await world.runs()).toMatchObject([
      {
        commandKind: "script",
        command: "make\nmake all",
        checkName: "crabbox / command: all",
        options: { class: "fast" },
      },
      { checkName: "crabbox / command: unit (standard)", options: { class: "standard", timeoutMs: 300_000 } },
      { command: "make test", options: { class: "large", timeoutMs: 300_000, idleMs: 60_000 } },
    ]);
  });

  it.each([
    ["unti", /Did you mean `unit`\?/u],
    ["constructor", /`unit`, `all`.*`\/crabbox run -- constructor`/su],
  ])("that is not there (%s) is answered with those that are", async (name, expected) => {
    file(COMMANDS);
    await say(`/crabbox run ${name}`);
    expect(await lastAnswer()).toMatch(expected);
    expect(await world.runs()).toEqual([]);
  });

  it("needs the file", async () => {
    await say("/crabbox run unit");
    expect(await lastAnswer()).toContain("names none");
  });
});

describe("the file's limits", () => {
  it("cut times, and refuse classes and providers that it leaves out", async () => {
    file("limits: { classes: [fast], providers: [cell], timeout: 10m, ttl: 20m, idle: 0s }\n");
    await say("/crabbox run --timeout 1h -- make");
    expect(await world.runs()).toMatchObject([
      { options: { class: "fast", provider: "cell", timeoutMs: 600_000, ttlMs: 1_200_000, idleMs: 0 } },
    ]);
    await say("/crabbox run --class large -- make");
    await say("/crabbox run --provider local -- make");
    expect(await world.runs()).toHaveLength(1);
    expect((await world.answers()).join()).toMatch(/offers `fast`[\s\S]*has `cell`/u);
  });

  it("hold for a retry, too", async () => {
    await say("/crabbox run --class large -- make");
    const [run] = await world.runs();
    if (run === undefined) throw new Error("no run");
    await world.finish(run);
    world.outside.file.tip = () => "9".repeat(40);
    world.outside.file.texts.set("9".repeat(40), "limits: { classes: [fast] }\nenv: [TZ]\n");
    await say("/crabbox retry");
    expect(await lastAnswer()).toContain("`large`");
    expect(await world.runs()).toHaveLength(1);
  });
});

describe("who may", () => {
  it.each([
    ["who: { role: maintain }", "write", false],
    ["who: { role: maintain }", "admin", true],
    ["who: { users: [Mona] }", "write", true],
    ["who: { users: [hubot] }", "admin", false],
  ] as const)("%s, for %s: %s", async (who, role, allowed) => {
    file(who);
    world.outside.role = role;
    await say("/crabbox run -- make");
    expect(await world.runs()).toHaveLength(allowed ? 1 : 0);
    if (!allowed) expect(await lastAnswer()).toContain("crabbox.yml");
  });

  it("asks GitHub for teams, of the owner unless another is named", async () => {
    file("who: { teams: [keepers, other/crew] }");
    world.outside.inTeam = () => false;
    await say("/crabbox run -- make");
    expect(world.outside.calls).toEqual(
      expect.arrayContaining(["team octo/keepers mona", "team other/crew mona"]),
    );
    expect(await world.runs()).toEqual([]);
    world.outside.inTeam = () => true;
    await say("/crabbox run -- make");
    expect(await world.runs()).toHaveLength(1);
  });

  it("says what is missing when teams cannot be seen", async () => {
    file("who: { teams: [keepers] }");
    world.outside.inTeam = () => {
      throw new AppError("not_allowed", "No.", "Accept it.");
    };
    await say("/crabbox run -- make");
    expect(await lastAnswer()).toContain("Members: read");
  });

  it("lets everybody with write access end things", async () => {
    await say("/crabbox run -- make");
    world.outside.file.tip = () => "9".repeat(40);
    world.outside.file.texts.set("9".repeat(40), "who: { role: admin }\n");
    await say("/crabbox cancel");
    expect(await world.runs()).toMatchObject([{ cancel: { outcome: "cancelled" } }]);
  });
});

describe("a broken file", () => {
  it("is the answer, with its first fault, its place and a check of its own; nothing is run", async () => {
    file("defaults:\n  provider: locl\nenv: [SECRET]\n");
    await say("/crabbox run -- make");
    expect(await lastAnswer()).toContain(
      ".github/crabbox.yml:2:13: defaults.provider: This server has no provider `locl`.",
    );
    expect(await lastAnswer()).toContain(`https://github.test/blob/${BASE_TIP}#L2`);
    expect(await lastAnswer()).toContain("2 faults");
    expect(world.outside.file.checks).toMatchObject([{ headSha: HEAD, of: "default" }]);
    expect(await world.runs()).toEqual([]);
  });

  it("that mentions people stays text", async () => {
    file('"@everyone](x) ```": 1\n');
    await say("/crabbox run -- make");
    expect(await lastAnswer()).toMatch(/\n`{3,}text\n[^\n]*@everyone[^\n]*\n`{3,}$/u);
  });

  it("does not keep anybody from ending things or asking", async () => {
    file("auto: 5");
    await say("/crabbox help");
    expect(await lastAnswer()).toContain("/crabbox run");
    await say("/crabbox status");
    expect(await lastAnswer()).toContain("No runs yet");
  });
});

describe("the file", () => {
  it("is read once a commit, and asked for beside the other calls", async () => {
    file("env: [TZ]");
    await say("/crabbox run -- make");
    await say("/crabbox run -- make it");
    expect(world.outside.file.reads).toEqual([BASE_TIP]);
    expect((await world.runs()).map(({ options }) => options.env)).toEqual([["TZ"], ["TZ"]]);
  });

  it("that is missing is not the same as a repository that cannot be seen", async () => {
    world.outside.file.tip = () => {
      throw new AppError("github_gone", "It is gone.", "Nothing.");
    };
    await expect(say("/crabbox run -- make")).rejects.toMatchObject({ code: "github_gone" });
    expect(await world.runs()).toEqual([]);
  });
});
