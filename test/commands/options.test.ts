import { describe, expect, it } from "vitest";
import type { Provider } from "../../providers/provider.ts";
import { checkName } from "../../app/commands/check-name.ts";
import type { CommandLimits } from "../../app/commands/command.ts";
import { whyNoRun, type PullRequestFacts } from "../../app/commands/pull-request.ts";
import { settleOptions } from "../../app/commands/run-options.ts";

const MINUTE = 60_000;
const limits: CommandLimits = {
  classes: ["standard", "fast"],
  defaultClass: "standard",
  defaultProvider: "local",
  timeoutMs: { default: 30 * MINUTE, max: 360 * MINUTE },
  ttlMs: { default: 90 * MINUTE, max: 600 * MINUTE },
  idleMs: { default: 10 * MINUTE, max: 60 * MINUTE },
};

const providers = new Map<string, Pick<Provider, "types">>([
  ["local", { types: (boxClass) => [boxClass] }],
  ["shed", { types: (boxClass) => (boxClass === "standard" ? ["bench"] : []) }],
]);

describe("settleOptions", () => {
  const settle = (asked: Parameters<typeof settleOptions>[0]) => settleOptions(asked, limits, providers);

  it("fills in the server's defaults", () => {
    expect(settle({})).toEqual({
      ok: true,
      value: {
        options: { class: "standard", timeoutMs: 30 * MINUTE, ttlMs: 90 * MINUTE, idleMs: 10 * MINUTE },
        notes: [],
      },
    });
  });

  it("cuts times to the maximum and says so", () => {
    const settled = settle({ timeoutMs: 1_000 * MINUTE, idleMs: 1_000 * MINUTE });
    expect(settled).toMatchObject({
      ok: true,
      value: { options: { timeoutMs: 360 * MINUTE, ttlMs: 375 * MINUTE, idleMs: 60 * MINUTE } },
    });
    expect(settled.ok && settled.value.notes).toEqual([
      "`--timeout` is cut to the most this server allows, `6h`.",
      "`--idle` is cut to the most this server allows, `1h`.",
    ]);
  });

  it("never lets a command outlive its box", () => {
    const settled = settle({ timeoutMs: 60 * MINUTE, ttlMs: 20 * MINUTE });
    expect(settled).toMatchObject({
      ok: true,
      value: { options: { timeoutMs: 20 * MINUTE, ttlMs: 20 * MINUTE } },
    });
    expect(settled.ok && settled.value.notes).toHaveLength(1);
  });

  it("refuses what the server does not offer, with what it does", () => {
    const beast = settle({ class: "beast" });
    expect(beast.ok ? "" : beast.message).toContain("`standard`, `fast`");
    const small = settle({ provider: "shed", class: "fast" });
    expect(small.ok ? "" : small.message).toContain(
      "`shed` does not offer the class `fast`. It offers `standard`.",
    );
    const typo = settle({ provider: "shde" });
    expect(typo.ok ? "" : typo.message).toContain("Did you mean `shed`?");
  });
});

describe("checkName", () => {
  const name = (text: string, asked: readonly string[] = [], kind: "line" | "script" = "line") =>
    checkName({ kind, text }, asked);

  it("is the command when that is one short line", () => {
    expect(name("npm test")).toBe("crabbox / run: npm test");
    expect(name("npm test", ["large", "shed"])).toBe("crabbox / run: npm test (large, shed)");
    expect(name("npm test\n", [], "script")).toBe("crabbox / run: npm test");
  });

  it("stays readable, short and apart for anything else", () => {
    const long = "make ".repeat(40);
    expect(name(`${long}a`)).not.toBe(name(`${long}b`));
    expect(name(`${long}a`)).toBe(name(`${long}a`));
    expect(Buffer.byteLength(name(long))).toBeLessThan(100);
    expect(name("#!/bin/sh\n\nset -e\nmake\n", [], "script")).toMatch(
      /^crabbox \/ run: set -e… [0-9a-f]{6}$/u,
    );
    expect(name("echo 💥".repeat(30)).isWellFormed()).toBe(true);
  });
});

describe("whyNoRun", () => {
  const facts: PullRequestFacts = {
    number: 1,
    state: "open",
    draft: false,
    author: { login: "mona" },
    headSha: "a".repeat(40),
    headRef: "topic",
    headRepositoryId: 5,
    fork: false,
    baseSha: "b".repeat(40),
    baseRef: "main",
    repository: { private: false, archived: false },
  };

  it.each<readonly [string, Partial<PullRequestFacts>, RegExp | null]>([
    ["own branch", {}, null],
    ["deleted author", { author: null }, null],
    ["closed", { state: "closed" }, /closed.*Reopen/su],
    ["fork", { fork: true, headRepositoryId: 6 }, null],
    ["gone fork", { fork: true, headRepositoryId: null }, /gone/u],
  ])("%s", (_title, change, expected) => {
    const why = whyNoRun({ ...facts, ...change });
    if (expected === null) expect(why).toBeNull();
    else expect(why).toMatch(expected);
  });
});
