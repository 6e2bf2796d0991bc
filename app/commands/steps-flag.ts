import { sourceOf } from "../forks/source.ts";
import type { StepsAsked } from "../hydrate/hydrate-asked.ts";
import type { CommandContext } from "./command.ts";
import { echo, type Flag } from "./flags.ts";

/** Whose set-up steps prepare the box. */
export const STEPS_FLAG: Flag = {
  name: "steps",
  value: "head",
  summary:
    "Prepare the box by the head commit's own workflow, to try a change of it: on a box of its own, without the server's secrets.",
};

type Read =
  | { readonly ok: true; readonly value: StepsAsked }
  | { readonly ok: false; readonly message: string };

/** `--steps head` or `--steps base`, which is what is done anyway. */
export function readSteps(flags: ReadonlyMap<string, unknown>): Read {
  const typed = flags.get("steps");
  if (typed === undefined || typed === "base") return { ok: true, value: {} };
  if (typed === "head") return { ok: true, value: { stepsFrom: "head" } };
  return {
    ok: false,
    message: `\`--steps\` is \`head\` or \`base\`, not ${echo(typeof typed === "string" ? typed : "")}.`,
  };
}

/** Why the head's steps may not be had by this command, as an answer; null when they may, or are not asked for. */
export function whyNotHead(
  { stepsFrom }: StepsAsked,
  { pullRequest, actor }: Pick<CommandContext, "pullRequest" | "actor">,
): string | null {
  if (stepsFrom !== "head") return null;
  const source = sourceOf(pullRequest);
  if (source !== "own") {
    const whose = source === "fork" ? "comes from a fork" : "is Dependabot's";
    return `This pull request ${whose}: its own set-up steps are never run, only those of the base. Leave \`--steps head\` out.`;
  }
  if (actor.role === "bot")
    return "`--steps head` is for people who may write; a bot gets the base's steps. Leave it out.";
  return null;
}
