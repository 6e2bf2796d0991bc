import { createActing } from "./acting.ts";
import type { Acting } from "./acting.ts";
import type { DemoOptions } from "./arguments.ts";
import { afterCheckOf, playComments } from "./comments.ts";
import { DemoError } from "./demo-error.ts";
import { startFollower } from "./follow.ts";
import { stayUp } from "./stay-up.ts";
import { setStage } from "./stage.ts";
import type { Props, Stage } from "./stage.ts";
import { ANY_COMMANDS, sampleCommands } from "./story/commands.ts";
import { calmDown, tellStory } from "./story/story.ts";
import { takeDown } from "./take-down.ts";
import type { Teller } from "./teller.ts";

/** As shells tell an end by SIGINT. */
const INTERRUPTED = 130;

/** The demo was asked to end. */
class Asked extends Error {
  override readonly name = "Asked";
}

/** From nothing to nothing: sets up, plays, stays up when wanted, takes everything down. Answers the exit code; never rejects. */
export async function runDemo(options: DemoOptions, teller: Teller): Promise<number> {
  const stop = new AbortController();
  const props: Props = { state: null, guard: null, github: null, app: null, ssh: null, docker: null };
  const ask = (): void => stop.abort(new Asked());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
  // Whoever started us is gone.
  process.on("disconnect", ask);
  process.channel?.unref();
  const fail = (error: unknown): void => stop.abort(error);
  let code = 1;
  let stage: Stage | null = null;
  let failed = true;
  try {
    stage = await Promise.race([setStage(options, teller, props, fail), rejected(stop.signal)]);
    code = await play(options, teller, stage, stop, fail);
    // A run that fails is the person's business, a story that goes wrong is ours: its logs are worth a look.
    failed = code !== 0 && options.comments === null;
  } catch (thrown) {
    // What waits is woken by errors of its own; why it was woken is the signal's reason.
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    failed = !(error instanceof Asked);
    code = failed ? 1 : INTERRUPTED;
    if (failed) tellError(teller, error, options.json);
  }
  try {
    await takeDown({ props, stage, teller, failed, isAsked: stop.signal.aborted });
  } catch (error) {
    tellError(teller, error, options.json);
    return 1;
  }
  return code;
}

async function play(
  options: DemoOptions,
  teller: Teller,
  stage: Stage,
  stop: AbortController,
  fail: (error: unknown) => void,
): Promise<number> {
  const { github, pull } = stage;
  const { signal } = stop;
  const acting = (follower: Parameters<typeof createActing>[0]["follower"]): Acting =>
    createActing({ stage, follower, teller, signal });
  const checks = await github.control.listCheckRuns({ repo: pull.repo });
  const last = Math.max(0, ...checks.map(({ id }) => id));
  const follower = startFollower({
    control: github.control,
    githubUrl: github.url,
    repo: pull.repo,
    teller,
    afterCheck: afterCheckOf(stage, options.comments) ?? last,
    onFault: fail,
  });
  try {
    const people = acting(follower);
    teller.tell("look", `Pull request ${pull.repo}#${pull.number}`, { url: stage.pullUrl });
    let good: boolean;
    if (options.comments === null) {
      await calmDown(stage, people, teller);
      good = await tellStory(
        stage,
        people,
        teller,
        options.source === null ? sampleCommands(stage.docker?.base.hasNpm ?? true) : ANY_COMMANDS,
      );
      teller.tell(
        "end",
        good ? "The story went as told." : "The story did not go as told; see the lines marked ✗.",
        { good },
      );
    } else {
      good = await playComments({ stage, acting: people, teller, comments: options.comments });
      teller.tell("end", good ? "Every run succeeded." : "Not every run succeeded.", { good });
    }
    if (!options.once) await stayUp(stage, people, teller, signal);
    return good ? 0 : 1;
  } finally {
    await follower.stop();
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, failed) => {
    signal.addEventListener("abort", () => failed(signal.reason as Error), { once: true });
  });
}

/** On standard error for people with `--json`, too: what the lines are read by is a program. */
function tellError(teller: Teller, error: unknown, json: boolean): void {
  const known = error instanceof DemoError ? error : null;
  const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  const lines = [message, known?.hint ?? "", known?.detail ?? ""].filter((line) => line !== "");
  teller.tell("problem", lines.join("\n"));
  if (json) process.stderr.write(`${lines.join("\n")}\n`);
}
