import { createInterface } from "node:readline";
import type { Acting } from "./acting.ts";
import { ADMIN, SAMPLE, STRANGER, WRITER } from "./pull-request.ts";
import type { Stage } from "./stage.ts";
import type { Teller } from "./teller.ts";

/**
 * Keeps everything up until the signal, and lets the person at the terminal take part: a line that begins with /crabbox is written as a
 * comment, a few words push, close and reopen.
 */
export async function stayUp(
  stage: Stage,
  acting: Acting,
  teller: Teller,
  signal: AbortSignal,
): Promise<void> {
  const { control } = stage.github;
  await reopen(stage);
  teller.tell(
    "ready",
    [
      "Everything stays up until Ctrl-C. To try next:",
      `  - open the pull request in a browser: ${stage.pullUrl}`,
      `    sign in there as ${peopleText(stage)}; comment, press the check's buttons, push, fork, merge`,
      "  - or type a comment here, for example: /crabbox run -- ls -la",
      "  - or: /crabbox run --noop -- make, /crabbox status, /crabbox retry, /crabbox stop",
      "  - type push, close or reopen",
      `  - kill the App (kill -9 ${stage.app.pid()}) while a command runs: it is started again, and the run goes on`,
    ].join("\n"),
    { url: stage.pullUrl },
  );
  let pushes = 0;
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    push: async () => {
      pushes += 1;
      const branch = (await control.getPull(stage.pull)).headRef;
      return control.pushCommit({
        repo: stage.pull.repo,
        branch,
        login: WRITER,
        message: `Note ${pushes}\n`,
        files: { "NOTES.md": `Note ${pushes}, ${new Date().toISOString()}\n` },
      });
    },
    close: () => control.closePull({ ...stage.pull, login: WRITER }),
    reopen: () => control.reopenPull({ ...stage.pull, login: WRITER }),
  };
  const act = async (line: string): Promise<void> => {
    const word = line.trim();
    if (word === "") return;
    if (word.startsWith("/crabbox")) {
      await acting.reaction(await acting.comment(word));
      return;
    }
    const wanted = Object.hasOwn(acts, word) ? acts[word] : undefined;
    if (wanted === undefined) {
      teller.tell("note", "Type a comment that begins with /crabbox, or push, close, reopen; Ctrl-C ends.");
      return;
    }
    await wanted();
    teller.tell("act", `${WRITER}: ${word}`);
  };
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    act(line).catch((error: unknown) => {
      if (!signal.aborted) teller.tell("problem", error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
  lines.close();
  process.stdin.destroy();
}

/** A repository of the person's own is private and has its writer only. */
function peopleText({ memory }: Stage): string {
  if (memory.pull?.from.startsWith(SAMPLE) !== true) return `${WRITER} (may write)`;
  return `${ADMIN} (administers it), ${WRITER} (may write) or ${STRANGER} (a stranger with a fork)`;
}

async function reopen({ github: { control }, pull }: Stage): Promise<void> {
  const { state, mergedAt } = await control.getPull(pull);
  if (state === "closed" && mergedAt === undefined) await control.reopenPull({ ...pull, login: WRITER });
}
