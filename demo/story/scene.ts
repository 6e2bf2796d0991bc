import type { Acting } from "../acting.ts";
import type { Stage } from "../stage.ts";
import type { Finished, Teller } from "../teller.ts";
import type { Commands } from "./commands.ts";

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

/** Comments on what only answers; no run may come of it. Tells the part of the App's comment that is new. */
export async function askAndShow(scene: Scene, body: string, what: string, sign: RegExp): Promise<void> {
  const { acting, teller, suppose, stage } = scene;
  const after = await acting.lastCheck();
  const comment = await acting.comment(body);
  const reaction = await acting.reaction(comment);
  suppose("the App took the command", reaction === "rocket", reaction);
  const answer = await acting.answer(what, (text) => sign.test(text));
  teller.tell("answer", shown(answer.body, sign), { url: `${stage.pullUrl}#issuecomment-${answer.id}` });
  suppose("no run came of it", (await acting.lastCheck()) === after);
}

/** Lines of a Markdown comment around the sign, so that a story stays short. */
function shown(body: string, sign: RegExp): string {
  const lines = body
    .replaceAll(/<!--.*?-->/gsu, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !/^\|[\s:|-]+\|$/u.test(line));
  const at = Math.max(0, lines.findIndex((line) => sign.test(line)) - 1);
  const part = lines.slice(at, at + SHOWN_LINES);
  return [...part, ...(lines.length > at + SHOWN_LINES ? ["…"] : [])].join("\n");
}

const SHOWN_LINES = 12;
