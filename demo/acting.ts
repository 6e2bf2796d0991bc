import { eventually } from "./eventually.ts";
import type { Follower } from "./follow.ts";
import type { CheckRunView } from "./github/control/contract.ts";
import { WRITER } from "./pull-request.ts";
import { newestAnswer } from "./read-report.ts";
import type { Stage } from "./stage.ts";
import type { Finished, Teller } from "./teller.ts";

/** What the people of the story do, and what they wait for. */
export type Acting = {
  /** Aborted when the demo ends early. */
  readonly signal: AbortSignal;
  /** Writes a comment; answers its id. */
  comment(body: string): Promise<number>;
  /** Presses a button of a check run. */
  press(check: CheckRunView, identifier: string): Promise<void>;
  /** The writer's comment with that text that came after one; null when there is none. */
  findComment(body: string, after: number): Promise<number | null>;
  /** The newest comment's id; 0 when there is none. */
  lastComment(): Promise<number>;
  /** Waits for the App's last reaction: `rocket` or `confused`. */
  reaction(comment: number): Promise<string>;
  /** The newest answer in the App's comment on the pull request, as Markdown; null when there is none. */
  answer(): Promise<Answer | null>;
  /** The newest answer once it is another one than `before`; null when none comes in time: some commands have none. */
  newAnswer(before: Answer | null): Promise<Answer | null>;
  /** The check runs that came after one, once there are so many. */
  newChecks(after: number, count: number): Promise<readonly CheckRunView[]>;
  /** Waits until a check run satisfies. */
  check(id: number, what: string, isIt: (check: CheckRunView) => boolean): Promise<CheckRunView>;
  finished(id: number): Promise<Finished>;
  /** The newest check run's id; 0 when there is none. */
  lastCheck(): Promise<number>;
};

export type Answer = { readonly text: string; readonly url: string };

export type ActingDeps = {
  readonly stage: Stage;
  readonly follower: Follower;
  readonly teller: Teller;
  readonly signal: AbortSignal;
};

/** The App answers in well under a second; a loaded machine, or an App that is being started again, takes longer. */
const ANSWER_WITHIN_MS = 120_000;
/** The App gathers what it has to say for three seconds before it edits its comment again. */
const ANSWER_POSTED_WITHIN_MS = 10_000;
/** A command may run up to six hours by the App's own limits, and wait for two before. */
const RUN_WITHIN_MS = 9 * 60 * 60_000;

/** Acts on the stage's pull request. */
export function createActing({ stage, follower, teller, signal }: ActingDeps): Acting {
  const { github, pull } = stage;
  const { control } = github;
  const bot = `${github.appSlug}[bot]`;
  const target = { repo: pull.repo, number: pull.number };
  const answer = async (): Promise<Answer | null> => {
    const [mine] = await control.listComments({ ...target, login: bot });
    const text = mine === undefined ? null : newestAnswer(mine.body);
    return mine === undefined || text === null
      ? null
      : { text, url: `${stage.pullUrl}#issuecomment-${mine.id}` };
  };
  return {
    signal,
    async comment(body) {
      const { id } = await control.comment({ ...target, login: WRITER, body });
      teller.tell("comment", `${WRITER} comments: ${body}`, { url: `${stage.pullUrl}#issuecomment-${id}` });
      return id;
    },
    async press({ id, name, actions }, identifier) {
      const label = actions.find((button) => button.identifier === identifier)?.label ?? identifier;
      await control.pressButton({ checkRunId: id, login: WRITER, identifier });
      teller.tell("act", `${WRITER} presses "${label}" at ${name}.`);
    },
    async findComment(body, after) {
      const comments = await control.listComments({ ...target, login: WRITER });
      return comments.find((one) => one.id > after && one.body === body)?.id ?? null;
    },
    async lastComment() {
      const comments = await control.listComments(target);
      return Math.max(0, ...comments.map(({ id }) => id));
    },
    async reaction(comment) {
      const content = await eventually("the App's reaction", ANSWER_WITHIN_MS, signal, async () => {
        const all = await control.listReactions({ commentId: comment });
        return (
          all.find((one) => one.user === bot && ["rocket", "confused"].includes(one.content))?.content ?? null
        );
      });
      teller.tell(
        "reaction",
        content === "rocket" ? "The App reacts: 🚀 (done)" : "The App reacts: 😕 (not done)",
      );
      return content;
    },
    answer,
    async newAnswer(before) {
      const until = Date.now() + ANSWER_POSTED_WITHIN_MS;
      return eventually("the App's comment", 2 * ANSWER_POSTED_WITHIN_MS, signal, async () => {
        const found = await answer();
        return (found !== null && found.text !== before?.text) || Date.now() > until ? { found } : null;
      }).then(({ found }) => (found?.text === before?.text ? null : found));
    },
    newChecks: (after, count) =>
      eventually("a check run", ANSWER_WITHIN_MS, signal, () => {
        const found = follower.checks().filter(({ id }) => id > after);
        return found.length >= count ? found : null;
      }),
    check: (id, what, isIt) =>
      eventually(
        what,
        ANSWER_WITHIN_MS,
        signal,
        () => follower.checks().find((one) => one.id === id && isIt(one)) ?? null,
      ),
    finished: (id) => eventually("the run's end", RUN_WITHIN_MS, signal, () => follower.finished(id)),
    async lastCheck() {
      const all = await control.listCheckRuns({ repo: pull.repo });
      return Math.max(0, ...all.map(({ id }) => id));
    },
  };
}
