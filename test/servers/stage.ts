import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchGitHub, type GitHub } from "../../demo/github/launch.ts";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { appProcess, type AppProcess } from "./app-process.ts";
import { killAllOf } from "./processes.ts";
import { until } from "./until.ts";

export const REPO = "acme/shop";
export const WRITER = "wanda";
export const READER = "rita";

const HYDRATE = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - name: install
        run: mkdir -p node_modules && echo ready > node_modules/marker
`;

/** GitHub's own limits have tests of their own; here they would only slow things down. */
const RAISED = {
  primaryPerHour: 1e9,
  pointsPerMinute: 1e9,
  contentPerMinute: 1e9,
  contentPerHour: 1e9,
  concurrent: 1e6,
};

export type Stage = {
  readonly dir: string;
  readonly github: GitHub;
  readonly app: AppProcess;
  readonly pull: number;
  readonly headSha: string;
  /** Comments as somebody, the writer when nobody is named; answers the comment's id. */
  comment(body: string, login?: string): Promise<number>;
  /** Check runs of the repository, oldest first. */
  checks(): Promise<readonly CheckRunView[]>;
  /** Comments and waits for the check run it makes to complete. */
  run(command: string): Promise<CheckRunView>;
  /** The App's sticky comment, "" while there is none. */
  sticky(): Promise<string>;
  /** Ends everything; fails when the offline GitHub saw a request or gave an answer that GitHub's description does not know. */
  close(): Promise<void>;
};

export type StageOptions = {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More of them, where they need the repository's id. */
  readonly settingsFor?: (repositoryId: number) => Readonly<Record<string, unknown>>;
  readonly start?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  /** People can log in to the pages; checks lead to the run's own page instead of a secret link. */
  readonly login?: true;
  /** Where the offline GitHub listens, when boxes cannot reach this machine's loopback. */
  readonly github?: { readonly host: string; readonly port: number };
};

/** An offline GitHub with a repository and an open pull request, and the App installed on it, each a process of its own. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-stage-"));
  const port = await freePort();
  const github = await launchGitHub({
    stateDir: join(dir, "github"),
    ...options.github,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
  }).catch((error: unknown) => {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const { control } = github;
  if (options.login === true)
    await control.updateApp({ callbackUrls: [`http://127.0.0.1:${port}/login/callback`] });
  await control.settings({ limits: RAISED });
  await control.createAccount({ login: "acme", type: "Organization" });
  for (const login of [WRITER, READER]) await control.createAccount({ login });
  const { id } = await control.createRepository({
    owner: "acme",
    name: "shop",
    private: true,
    files: { "README.md": "# Shop\n", ".github/workflows/ci.yml": HYDRATE, ...options.files },
  });
  await control.setRole({ repo: REPO, login: WRITER, role: "write" });
  await control.setRole({ repo: REPO, login: READER, role: "read" });
  await control.install({ owner: "acme" });
  const { sha } = await control.pushCommit({
    repo: REPO,
    branch: "change",
    login: WRITER,
    parent: "main",
    files: { "a.txt": "one\n" },
  });
  const pull = await control.openPull({
    repo: REPO,
    login: WRITER,
    title: "A change",
    head: "change",
    base: "main",
  });
  const app = appProcess({
    dir,
    github,
    port,
    settings: { ...options.settings, ...options.settingsFor?.(id) },
    ...(options.login === undefined
      ? {}
      : { login: { clientId: github.clientId, clientSecret: github.clientSecret } }),
  });
  if (options.start !== false && (await app.start()) === "ended")
    throw new Error(`the App did not start:\n${app.log()}`);
  const checks = () => control.listCheckRuns({ repo: REPO });

  const comment = async (body: string, login = WRITER) =>
    (await control.comment({ repo: REPO, number: pull.number, login, body })).id;

  return {
    dir,
    github,
    app,
    pull: pull.number,
    headSha: sha,
    comment,
    checks,
    async run(command) {
      const before = new Set((await checks()).map(({ id }) => id));
      await comment(command);
      return until(
        async () => (await checks()).find((check) => !before.has(check.id) && check.status === "completed"),
        `the check of: ${command}\n`,
      );
    },
    async sticky() {
      const comments = await control.listComments({ repo: REPO, number: pull.number });
      return comments.find(({ body }) => body.includes("<!-- crabbox:sticky -->"))?.body ?? "";
    },
    async close() {
      let violations: Awaited<ReturnType<typeof control.listViolations>> = [];
      try {
        if (app.running()) await app.end("SIGTERM");
        violations = await control.listViolations({});
      } finally {
        await github.stop();
        // Boxes of the local provider may still be ending themselves there, or beginning: they would make it again.
        killAllOf(dir);
        rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      }
      if (violations.length > 0)
        throw new Error(`the offline GitHub saw violations: ${JSON.stringify(violations, null, 1)}`);
    },
  };
}

/** A port of the loopback address that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
