import { describe, expect, it } from "vitest";
import type { CommandContext } from "../../app/commands/command.ts";
import { readFlags } from "../../app/commands/flags.ts";
import { readSteps, STEPS_FLAG, whyNotHead } from "../../app/commands/steps-flag.ts";

function read(...words: readonly string[]) {
  const flags = readFlags(words, [STEPS_FLAG]);
  return flags.ok ? readSteps(flags.flags) : flags;
}

const context = (pull: object, role = "write") =>
  ({
    pullRequest: { author: { login: "wanda" }, headRef: "change", fork: false, ...pull },
    actor: { id: 1, login: "wanda", role },
  }) as unknown as CommandContext;

describe("--steps", () => {
  it("is the base, or the head", () => {
    expect(read()).toEqual({ ok: true, value: {} });
    expect(read("--steps", "base")).toEqual({ ok: true, value: {} });
    expect(read("--steps=head")).toEqual({ ok: true, value: { stepsFrom: "head" } });
    expect(read("--steps", "main")).toMatchObject({ ok: false, message: expect.stringContaining("`main`") });
  });

  it("head is for a person on a branch of the repository itself", () => {
    const head = { stepsFrom: "head" } as const;
    expect(whyNotHead(head, context({}))).toBeNull();
    expect(whyNotHead({}, context({ fork: true }))).toBeNull();
    expect(whyNotHead(head, context({ fork: true }))).toContain("comes from a fork");
    expect(whyNotHead(head, context({ headRef: "dependabot/npm" }))).toContain("Dependabot");
    expect(whyNotHead(head, context({}, "bot"))).toContain("people who may write");
  });
});
