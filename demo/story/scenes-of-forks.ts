import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { DockerHost } from "../docker-host.ts";
import { BASE_BRANCH, STRANGER, WRITER } from "../pull-request.ts";
import type { Stage } from "../stage.ts";
import type { Scene } from "./scene.ts";

const SCRIPT = "offer.sh";
const PLACES = "offer.txt";
const BRANCH = "a-kind-offer";
const SCRIPT_FILE = join(import.meta.dirname, "hostile", SCRIPT);
/** Where clouds answer with the credentials of the machine. */
const METADATA = "169.254.169.254:80";
const LINE = /^(?<how>reached|denied) (?<what>.+?)\r?$/gmu;

/** A stranger's pull request attacks: held until a writer approves its commit, and in its container it reaches nothing. */
export async function hostileFork(scene: Scene, docker: DockerHost): Promise<void> {
  const { acting, teller, expect, stage } = scene;
  const { control } = stage.github;
  const { repo } = stage.pull;
  const fork = `${STRANGER}/${repo.split("/")[1] ?? ""}` as const;
  teller.tell("chapter", "A stranger's pull request: held, and once approved it is alone in its container");
  const script = readFileSync(SCRIPT_FILE, "utf8");
  const targets = places(stage, docker);
  const { sha } = await control.pushCommit({
    repo: fork,
    branch: BRANCH,
    parent: BASE_BRANCH,
    login: STRANGER,
    message: "Be of help\n",
    files: { [SCRIPT]: script, [PLACES]: `${targets.join("\n")}\n` },
  });
  const { number } = await control.openPull({
    repo,
    login: STRANGER,
    title: "Be of help",
    head: BRANCH,
    base: BASE_BRANCH,
    headRepo: fork,
  });
  const url = `${stage.github.url}/${repo}/pull/${number}`;
  teller.tell("act", `${STRANGER}, who may not write here, opens pull request ${number} from a fork.`, {
    url,
  });
  const say = async (body: string) => {
    await control.comment({ repo, number, login: WRITER, body });
    teller.tell("comment", `${WRITER} comments there: ${body}`, { url });
  };
  const before = await acting.lastCheck();
  await say(`/crabbox run -- bash ${SCRIPT}`);
  const [check] = await acting.newChecks(before, 1);
  const id = check?.id ?? 0;
  const held = await acting.check(id, "the question", ({ conclusion }) => conclusion === "action_required");
  const answer = `/crabbox approve ${sha}`;
  expect(
    "nothing runs before a writer has approved that very commit",
    held.output.summary?.includes(answer) === true,
    held.output.summary,
  );
  await say(answer);
  const run = await acting.finished(id);
  expect(
    "then it runs, on that commit",
    run.outcome === "succeeded" && run.check.headSha === sha,
    run.outcome,
  );
  const met = [...`${run.check.output.text}`.matchAll(LINE)].map(({ groups }) => groups ?? {});
  const reached = met.filter(({ how }) => how === "reached").map(({ what }) => what);
  const allowed = `connect ${new URL(stage.github.url).host}`;
  expect(
    `of ${met.length} attempts ${met.length - reached.length} were denied: the one it reaches is the GitHub it was fetched from`,
    reached.length === 1 && reached[0] === allowed && met.length === targets.length + attempts(script),
    reached,
  );
  await control.closePull({ repo, number, login: WRITER });
  await control.deleteBranch({ repo: fork, branch: BRANCH, login: STRANGER });
}

/** What belongs to the App and its machine, and the one place that boxes may reach, which proves that the others were tried. */
function places({ app, state, github }: Stage, { socketPath, address }: DockerHost): readonly string[] {
  const port = new URL(app.url).port;
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map((one) => one.address);
  return [
    `connect ${new URL(github.url).host}`,
    ...[...new Set([address, "127.0.0.1", ...own])].map((host) => `connect ${host}:${port}`),
    `connect ${METADATA}`,
    `socket ${socketPath}`,
    `socket ${join(state.appDir, "admin.sock")}`,
    ...["app-key.pem", "crabbox-app.yml", "crabbox.sqlite"].map((name) => `read ${join(state.appDir, name)}`),
    `read ${join(state.githubDir, "secret")}`,
    "read /dev/mem",
  ];
}

/** How many attempts the script makes beside those at the places. */
function attempts(script: string): number {
  return script.split("\n").filter((line) => line.startsWith("attempt ")).length;
}
