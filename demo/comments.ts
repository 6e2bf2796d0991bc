import type { Acting, Answer } from "./acting.ts";
import type { Posted, Session } from "./state.ts";
import { plainLines } from "./read-report.ts";
import type { Stage } from "./stage.ts";
import type { Finished, Teller } from "./teller.ts";

/** Verbs that make a run. */
const RUNNING = /^\/crabbox\s+(?:run|job|retry)\b(?<rest>.*)$/u;
const ONLY_TOLD = /\s--(?:noop|help)\b|\s-h\b/u;
const FENCE = /^\s{0,3}(?:```|~~~)/u;

export type CommentsDeps = {
  readonly stage: Stage;
  readonly acting: Acting;
  readonly teller: Teller;
  readonly comments: readonly string[];
};

/**
 * Writes the comments one after the other and waits for what becomes of each. Goes on where an earlier process was killed: comments that
 * stand there already are not written again. True when every command was done and every run succeeded.
 */
export async function playComments(deps: CommentsDeps): Promise<boolean> {
  const { stage, acting, comments } = deps;
  const known = startSession(stage, comments);
  const afterCheck = known?.afterCheck ?? (await acting.lastCheck());
  const posted: Posted[] = [...(known?.posted ?? [])];
  const keep = (): void =>
    stage.state.remember({ ...stage.memory, session: { comments, afterCheck, posted } });
  let good = true;
  for (const [index, body] of comments.entries()) {
    const entry = (posted[index] ??= {
      comment: null,
      afterCheck: await acting.lastCheck(),
      afterComment: await acting.lastComment(),
    });
    // Written down before the comment is: whoever comes after a kill looks for it first.
    keep();
    const before = await acting.answer();
    entry.comment ??= (await acting.findComment(body, entry.afterComment)) ?? (await acting.comment(body));
    keep();
    good = (await outcomeOf(deps, before, body, entry.comment, entry.afterCheck)) && good;
  }
  stage.state.remember({ ...stage.memory, session: null });
  return good;
}

/** The check runs up to this one are of earlier sessions; null when no session is to be gone on with. */
export function afterCheckOf(
  stage: Pick<Stage, "memory">,
  comments: readonly string[] | null,
): number | null {
  return comments === null ? null : (startSession(stage, comments)?.afterCheck ?? null);
}

function startSession({ memory }: Pick<Stage, "memory">, comments: readonly string[]): Session | null {
  const { session } = memory;
  return session !== null && JSON.stringify(session.comments) === JSON.stringify(comments) ? session : null;
}

async function outcomeOf(
  deps: CommentsDeps,
  before: Answer | null,
  body: string,
  comment: number,
  afterCheck: number,
): Promise<boolean> {
  const { acting } = deps;
  const reaction = await acting.reaction(comment);
  const expected = countRuns(body);
  if (reaction === "confused" || expected === 0) await tellAnswer(deps, before);
  if (reaction === "confused") return false;
  const checks = await acting.newChecks(afterCheck, expected);
  const ended: Finished[] = [];
  for (const { id } of checks.slice(0, expected)) ended.push(await acting.finished(id));
  return ended.every(({ outcome }) => outcome === "succeeded");
}

async function tellAnswer({ acting, teller }: CommentsDeps, before: Answer | null): Promise<void> {
  const answer = await acting.newAnswer(before);
  if (answer === null) return;
  teller.tell("answer", plainLines(answer.text).join("\n"), { url: answer.url, markdown: answer.text });
}

/** How many runs a comment asks for, as the App's grammar counts: lines that begin with the command, outside of fenced blocks. */
export function countRuns(body: string): number {
  let count = 0;
  let isFenced = false;
  for (const line of body.split("\n")) {
    if (FENCE.test(line)) isFenced = !isFenced;
    if (isFenced) continue;
    const rest = RUNNING.exec(line.trimEnd())?.groups?.["rest"];
    if (rest === undefined) continue;
    const [flags = ""] = rest.split(/\s--\s/u);
    if (!ONLY_TOLD.test(flags)) count += 1;
  }
  return count;
}
