import type { Acting } from "../acting.ts";
import { plainLines } from "../read-report.ts";
import type { Stage } from "../stage.ts";
import type { Finished, Teller } from "../teller.ts";
import type { Commands } from "./commands.ts";

/** A story is read at one go. */
const SHOWN_LINES = 14;

/** What a scene may use and what earlier scenes left. */
export type Scene = {
  readonly stage: Stage;
  readonly acting: Acting;
  readonly teller: Teller;
  readonly commands: Commands;
  /** Says what was expected and found; a false one makes the story a failure. */
  readonly expect: (what: string, holds: boolean, found?: unknown) => void;
  /** As `expect`, but told only when it is false. */
  readonly suppose: (what: string, holds: boolean, found?: unknown) => void;
};

/** Comments, and answers the one run that comes of it once it has ended. */
export async function runToItsEnd({ acting, suppose }: Scene, body: string): Promise<Finished> {
  const after = await acting.lastCheck();
  const comment = await acting.comment(body);
  const reaction = await acting.reaction(comment);
  suppose("the App took the command", reaction === "rocket", reaction);
  const [check] = await acting.newChecks(after, 1);
  return acting.finished(check?.id ?? 0);
}

/** Comments on what only answers; no run may come of it. */
export async function askAndShow(scene: Scene, body: string, what: string, sign: RegExp): Promise<void> {
  const { acting, teller, expect, suppose } = scene;
  const [after, before] = await Promise.all([acting.lastCheck(), acting.answer()]);
  const comment = await acting.comment(body);
  const reaction = await acting.reaction(comment);
  suppose("the App took the command", reaction === "rocket", reaction);
  const answer = await acting.newAnswer(before);
  if (answer !== null) {
    const lines = plainLines(answer.text);
    const cut = lines.length > SHOWN_LINES ? ["…"] : [];
    teller.tell("answer", [...lines.slice(0, SHOWN_LINES), ...cut].join("\n"), {
      url: answer.url,
      markdown: answer.text,
    });
  }
  expect(`the answer is ${what}`, sign.test(answer?.text ?? ""), answer?.text ?? null);
  suppose("no run came of it", (await acting.lastCheck()) === after);
}
