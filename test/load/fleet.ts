import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchGitHub, type GitHub } from "../../demo/github/launch.ts";
import { appProcess, type AppProcess } from "../servers/app-process.ts";
import { freePort } from "../servers/stage.ts";

/** Who writes all comments. */
export const FLEET_WRITER = "wanda";

/** Git processes of the offline GitHub side by side while the repositories are made. */
const MADE_AT_ONCE = 4;

/** GitHub's own limits have a test of their own (`real-limits.test.ts`). */
const RAISED = {
  primaryPerHour: 1e9,
  pointsPerMinute: 1e9,
  contentPerMinute: 1e9,
  contentPerHour: 1e9,
  concurrent: 1e6,
};

/** One account with one repository and one open pull request. */
export type Member = { readonly repo: string; readonly number: number; readonly headSha: string };

export type Fleet = {
  readonly dir: string;
  readonly github: GitHub;
  readonly app: AppProcess;
  readonly members: readonly Member[];
  close(): Promise<void>;
};

export type FleetOptions = {
  /** Accounts, each with an installation of its own. */
  readonly size: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** True keeps GitHub's documented limits. */
  readonly realLimits?: boolean;
};

/** An offline GitHub with many installations of one App, and the App itself, not started yet. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const dir = mkdtempSync(join(tmpdir(), "crabbox-fleet-"));
  const port = await freePort();
  const github = await launchGitHub({ stateDir: join(dir, "github") });
  const { control } = github;
  await control.settings({ limits: RAISED });
  await control.createAccount({ login: FLEET_WRITER });
  const owners = Array.from({ length: options.size }, (_, n) => `org${n + 1}`);
  const members: Member[] = [];
  for (let at = 0; at < owners.length; at += MADE_AT_ONCE)
    members.push(
      ...(await Promise.all(owners.slice(at, at + MADE_AT_ONCE).map((one) => member(github, one)))),
    );
  // The making itself is no part of what is tested: neither its webhooks nor what it used of the limits.
  await control.updateApp({ webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks` });
  await control.waitIdle({});
  if (options.realLimits === true) await control.settings({ limits: DOCUMENTED });
  await control.resetLimits();
  const app = appProcess({ dir, github, port, settings: { accounts: owners, ...options.settings } });
  return {
    dir,
    github,
    app,
    members,
    async close() {
      if (app.running()) await app.end("SIGTERM");
      await github.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** docs.github.com, "Rate limits for the REST API". */
const DOCUMENTED = {
  primaryPerHour: 5_000,
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
  concurrent: 100,
};

async function member({ control }: GitHub, owner: string): Promise<Member> {
  const repo = `${owner}/shop`;
  await control.createAccount({ login: owner, type: "Organization" });
  await control.createRepository({ owner, name: "shop", files: { "README.md": "# Shop\n" } });
  await control.setRole({ repo, login: FLEET_WRITER, role: "write" });
  await control.install({ owner });
  const push = { repo, login: FLEET_WRITER, branch: "change", parent: "main", files: { "a.txt": "one\n" } };
  const { sha } = await control.pushCommit(push);
  const { number } = await control.openPull({
    repo,
    login: FLEET_WRITER,
    title: "A change",
    head: "change",
    base: "main",
  });
  return { repo, number, headSha: sha };
}
