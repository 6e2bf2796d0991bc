import { REPO } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import type { Scene } from "./scene.ts";

export type Chapter = {
  readonly name: string;
  /** Brings the scene to where the chapter begins. */
  before(scene: Scene): Promise<void>;
  /** The chapter, told under one token until everything it must bring is there, however often the App dies meanwhile. */
  play(scene: Scene, token: string): Promise<void>;
  /** Of its calls only those are swept: the others are another chapter's. `METHOD PATH`, ids and escapes aside. */
  readonly only?: RegExp;
  /** What must hold besides once all is quiet; throws what does not. */
  judge?(scene: Scene): void;
};

const OUTPUT = "head -c 20000 /dev/urandom | base64";
const STATUS_TABLE = "| Run | Command | Commit | State |";

/** The story of a pull request, cut where nothing is under way: every call of it lies in exactly one chapter. */
export const CHAPTERS: readonly Chapter[] = [
  {
    name: "new-box-then-closed",
    // An action that GitHub does not have is asked for again and again: once is enough.
    only: /^(?!.*checkout\.git\/info\/refs \((?:2|3)\))/u,
    // Nothing said, nothing leased, nothing remembered: every call of a first command is made.
    async before(scene) {
      await scene.openPull();
      await scene.restart();
    },
    async play(scene, token) {
      await runTo(scene, token, 0, "success");
      await scene.closePull();
      await until(
        async () => !(await sticky(scene)).includes("Boxes held"),
        "the sticky comment to name no box",
      );
    },
  },
  { name: "warm-box", before: warmUp, play: (scene, token) => runTo(scene, token, 0, "success") },
  { name: "failing-command", before: warmUp, play: (scene, token) => runTo(scene, token, 3, "failure") },
  {
    name: "status",
    before: warmUp,
    async play(scene) {
      const comment = await scene.comment("/crabbox status");
      await reacted(scene, comment, "rocket");
      await until(
        async () => (await sticky(scene)).includes(STATUS_TABLE),
        "the status in the sticky comment",
      );
    },
  },
  {
    name: "cancel",
    before: warmUp,
    async play(scene, token) {
      await scene.comment(`/crabbox run -- ${scene.gate.command(token, OUTPUT)}`);
      await underWay(scene, token);
      const comment = await scene.comment("/crabbox cancel");
      await concluded(scene, token, "cancelled");
      await reacted(scene, comment, "rocket");
    },
  },
];

/** One run whose command ends with `code`, told to its end. Without the sticky comment, which has its own pace, it is sooner over. */
export async function runQuickly(
  scene: Scene,
  token: string,
  code: number,
  conclusion: string,
): Promise<void> {
  await scene.comment(`/crabbox run -- ${scene.gate.command(token, OUTPUT)}`);
  await scene.gate.reached(token);
  scene.journals.keep();
  scene.gate.open(token, code);
  await completed(scene, token, conclusion);
}

async function runTo(scene: Scene, token: string, code: number, conclusion: string): Promise<void> {
  const comment = await scene.comment(`/crabbox run -- ${scene.gate.command(token, OUTPUT)}`);
  await underWay(scene, token);
  scene.gate.open(token, code);
  await concluded(scene, token, conclusion);
  await reacted(scene, comment, "rocket");
}

/** Waits until the command has begun and both reports tell of it, so that each telling makes the same calls. */
export async function underWay(scene: Scene, token: string): Promise<void> {
  await scene.gate.reached(token);
  scene.journals.keep();
  await until(
    async () => (await checksOf(scene, token)).some(({ status }) => status === "in_progress"),
    `the check of ${token} to tell that it runs`,
  );
  await until(async () => (await sticky(scene)).includes(token), `the sticky comment to tell of ${token}`);
}

/** Waits for the one check run of the token's run, and for the sticky comment to tell of it. */
export async function concluded(scene: Scene, token: string, conclusion: string): Promise<void> {
  const check = await completed(scene, token, conclusion);
  await until(async () => {
    const body = await sticky(scene);
    const row = body.split("\n").find((line) => line.includes(token)) ?? "";
    return row.includes(check.output.title ?? "?") && !body.includes("at work");
  }, `the sticky comment to tell of ${token}`);
}

/** Waits for the check run of the token's run, which must end so; answers it. */
export async function completed(scene: Scene, token: string, conclusion: string) {
  const check = await until(
    async () => (await checksOf(scene, token)).find(({ status }) => status === "completed"),
    `the check of ${token} to be completed`,
  );
  if (check.conclusion !== conclusion)
    throw new Error(`${token} ended as ${check.conclusion}: ${check.output.summary}\n${check.output.text}`);
  return check;
}

/** Check runs of the run whose command holds the token. */
export async function checksOf(scene: Scene, token: string) {
  const runs = runsOf(scene, token);
  const checks = await scene.stage.github.control.listCheckRuns({ repo: REPO });
  return checks.filter(({ externalId }) => runs.includes(externalId ?? ""));
}

export function runsOf(scene: Scene, token: string): readonly string[] {
  return audit(scene.stateDir, "select id, command from run")
    .filter((row) => String(row["command"]).includes(`${token};`))
    .map((row) => String(row["id"]));
}

/** Sees to a warm box. */
export async function warmUp(scene: Scene): Promise<void> {
  if (audit(scene.stateDir, "select id from lease where state = 'active'").length > 0) return;
  await runTo(scene, `warm-up-${scene.gate.tokens().length}`, 0, "success");
  await scene.quiet();
}

/** Waits for that reaction on a comment. */
export async function reacted(scene: Scene, commentId: number, content: string): Promise<void> {
  const { control } = scene.stage.github;
  await until(
    async () => (await control.listReactions({ commentId })).some((reaction) => reaction.content === content),
    `reaction ${content}`,
  );
}

/** The sticky comment, "" while there is none. */
export async function sticky(scene: Scene): Promise<string> {
  return (await scene.stickies())[0] ?? "";
}
