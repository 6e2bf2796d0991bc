import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openForkStage, type ForkStage } from "../forks/fork-stage.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

/** Each form that a log may show it in is told apart from all other text by its randomness. */
const SECRET = `k3y/${randomBytes(24).toString("hex")}+&"'`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const backwards = SECRET.split("").toReversed().join("");

const steps = (said: string) => `on: push
permissions: { contents: write, issues: write }
env: { VALUE: "\${{ secrets.Deploy_Key }}" }
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - name: tells
        env: { TOKEN: "\${{ github.token }}", OTHER: "\${{ secrets.OTHER_KEY }}", REGION: "\${{ vars.REGION }}" }
        run: |
          echo "${said} [$REGION] [$OTHER] [\${#VALUE}] [\${{ github.token == secrets.GITHUB_TOKEN }}]"
          echo "plain [$VALUE]"
          echo "base64 [$(printf %s "$VALUE" | base64 -w0)] [$(printf 'x:%s' "$VALUE" | base64 -w0)]"
          printf %s "$VALUE" | cut -c1-20 | tr -d '\\n'; sleep 0.1; printf %s "$VALUE" | cut -c21-
          echo "backwards [$(printf %s "$VALUE" | rev)]"
          printf '%s\\n' "KEPT=$VALUE" "SAFE=\${#VALUE}" >> "$GITHUB_ENV"
          printf %s "$VALUE" > ~/left-secret
          printf %s "$TOKEN" > ~/left-token
      - name: reads
        if: github.token != ''
        env: { TOKEN: "\${{ github.token }}" }
        run: |
          git() { command git -c http.extraHeader="Authorization: Basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)" "$@"; }
          git ls-remote "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git" HEAD >/dev/null && echo "it reads"
          git push "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git" HEAD:refs/heads/taken || echo "it writes nothing"
  slow:
    runs-on: ubuntu-latest
    steps:
      - run: |
          touch ~/begun; until [ -e ~/go ]; do sleep 0.1; done
          echo "slow [$VALUE]"
`;
const WORKFLOW = ".github/workflows/ci.yml";

const dir = mkdtempSync(join(tmpdir(), "crabbox-secrets-"));
let forks: ForkStage | null = null;
let stage: Stage;
beforeAll(async () => {
  const file = join(dir, "deploy-key");
  writeFileSync(file, `${SECRET}\n`);
  const settingsFor = (id: number) => ({
    repositories: [
      { repository: REPO, id, secrets: { DEPLOY_KEY: { file }, UNUSED: { file } }, vars: { REGION: "eu" } },
    ],
  });
  const files = { [WORKFLOW]: steps("base") };
  if (canMakeUsers()) forks = await openForkStage(1, {}, { settingsFor, files });
  stage = forks?.stage ?? (await openStage({ settingsFor, files }));
});
afterAll(async () => {
  await (forks ?? stage).close();
  rmSync(dir, { recursive: true, force: true });
});

/** Files below everything that the App, its boxes and GitHub have on disk which hold this text. */
function holding(text: string): readonly string[] {
  return linesOf("grep", ["-rlasF", "--", text, stage.dir]);
}

/** The only file of this name on any box; "" while there is none. */
function onBox(name: string): string {
  return linesOf("find", [stage.app.stateDir, "-name", name]).join(" and ");
}

/** Whatever it ended with: files come and go while it looks. */
function linesOf(program: string, args: readonly string[]): readonly string[] {
  const { stdout } = spawnSync(program, args, { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

function expectNoSecret(text: string): void {
  for (const form of [SECRET, SECRET.slice(4, -4), base64(SECRET), base64(`x:${SECRET}`).slice(3, -4)])
    expect(text).not.toContain(form);
}

test("a mapped secret reaches the base's steps, masked; the command, the store and the box's files have none", async () => {
  const check = await stage.run('/crabbox run -- echo "env [$KEPT] [$SAFE]"; cat ~/left-secret');
  expect(check.conclusion).toBe("success");
  const text = check.output.text ?? "";
  expect(text).toContain(`base [eu] [] [${SECRET.length}] [true]`);
  expect(text).toContain("plain [***]");
  expect(text).toMatch(/base64 \[\*\*\*\] \[.{0,4}\*\*\*.{0,4}\]/u);
  // What a step does to a text beyond the usual encodings nobody can know (docs/hydration.md).
  expect(text).toContain(`backwards [${backwards}]`);
  expect(text).toContain(`env [] [${SECRET.length}]\n***`);
  expect(check.output.summary).toMatch(/Steps of the workflow get these secrets: DEPLOY\\?_KEY/u);
  expect(text).toContain("it reads");
  expect(text).toContain("it writes nothing");
  expectNoSecret(JSON.stringify(await stage.checks()));
  expect(holding(SECRET).map((path) => path.split("/").at(-1))).toEqual(["left-secret"]);
  expect(holding(base64(SECRET))).toEqual([]);
  expectNoSecret(stage.app.log());
});

test("the steps' token is worthless once they are over, and nowhere but where they put it", async () => {
  const path = onBox("left-token");
  const token = readFileSync(path, "utf8");
  expect(token).toMatch(/^ghs_/u);
  await until(async () => {
    const answer = await fetch(`${stage.github.apiUrl}/repos/${REPO}/contents/a.txt`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return answer.status === 401;
  }, "the token to be worthless");
  expect(holding(token).filter((found) => !found.startsWith(join(stage.dir, "github")))).toEqual([path]);
});

test("what steps left on a warm box is masked for a later command, too", async () => {
  const check = await stage.run("/crabbox run -- cat ~/left-secret; echo; base64 -w0 ~/left-secret");
  expect(check.output.summary).toMatch(/^\| Set-up \| skipped/mu);
  expect(check.output.text).toContain("***\n***");
  expectNoSecret(JSON.stringify(check));
});

test("steps that outlive the App have their secrets all the same, masked, and nothing of them is kept", async () => {
  await stage.comment("/crabbox run --job slow -- echo the end");
  const begun = await until(async () => onBox("begun") || null, "the step to begin");
  await stage.app.end("SIGKILL");
  expect(await stage.app.start()).toBe("ready");
  writeFileSync(join(begun, "..", "go"), "");
  const check = await until(
    async () =>
      (await stage.checks()).find(({ name, status }) => name.includes("the end") && status === "completed"),
    "the check",
  );
  expect(check.conclusion).toBe("success");
  expect(check.output.text).toContain("slow [***]");
  expect(holding(SECRET).map((path) => path.split("/").at(-1))).toEqual(["left-secret"]);
});

test("steps from the head get no mapped secret, on a box of their own, and the check says whose they are", async () => {
  const { control } = stage.github;
  const { sha } = await control.pushCommit({
    repo: REPO,
    branch: "change",
    login: WRITER,
    files: { [WORKFLOW]: steps("head") },
  });
  const command = "/crabbox run --steps head -- ls ~; echo done";
  const check = await stage.run(command);
  expect(check.conclusion).toBe("success");
  expect(check.name).toBe("crabbox / run: ls ~; echo done (steps from head)");
  expect(check.output.text).toContain("head [eu] [] [0] [true]");
  expect(check.output.text).toContain("it writes nothing");
  expect(check.output.summary).toContain(`Set-up steps from head ${sha.slice(0, 7)}, not from the base`);
  expect(check.output.summary).toContain(command);
  expect(check.output.text).not.toContain("begun");
});

test("explain names the secrets that steps get and those that they do not", async () => {
  await stage.comment("/crabbox explain");
  const said = await until(async () => {
    const text = await stage.sticky();
    return text.includes("would prepare the box") ? text : null;
  }, "the explanation");
  expect(said).toContain("Steps of the workflow get these secrets: DEPLOY_KEY.");
  expect(said).toContain("GITHUB_TOKEN reads contents, issues of this repository, nothing else.");
  expect(said).toContain("The secret OTHER_KEY is not given; it is empty text.");
});

test.skipIf(!canMakeUsers())(
  "a fork's approved run has the base's steps without secrets and without a token",
  async () => {
    if (forks === null) return;
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, '/crabbox run --provider cells -- echo "theirs [$SAFE]"');
    await forks.concluded("theirs", "action_required");
    await forks.say(number, `/crabbox approve ${sha}`);
    const check = await forks.concluded("theirs", "success");
    expect(check.output.text).toContain("base [eu] [] [0] [true]");
    expect(check.output.text).toContain("theirs [0]");
    expect(check.output.text).not.toContain("it reads");
    await forks.say(number, "/crabbox run --provider cells --steps head -- echo mine");
    await until(async () => (await forks?.sticky(number))?.includes("are never run"), "the refusal");
  },
);
