import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { launchGitHub } from "../../demo/github/launch.ts";
import type { GitHub, LaunchOptions } from "../../demo/github/launch.ts";

export const REPO = "acme/widgets";

export type Stage = {
  github: GitHub;
  dir: string;
  installationId: number;
  /** The App with its JWT. */
  app: Octokit;
  /** The App in its installation on acme. */
  octokit: Octokit;
  stop: () => Promise<void>;
};

/** An offline GitHub with acme/widgets (main), the App installed on acme, and writers and readers. */
export async function openStage(options: Partial<LaunchOptions> = {}): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), "offline-github-"));
  const github = await launchGitHub({ stateDir: join(dir, "state"), ...options });
  const { control } = github;
  await control.createAccount({ login: "wendy" });
  await control.createAccount({ login: "rita" });
  await control.createRepository({
    owner: "acme",
    name: "widgets",
    roles: { wendy: "write" },
    files: { "README.md": "# Widgets\n", ".github/crabbox.yml": "version: 1\n", "src/a.txt": "a\n" },
  });
  const { id: installationId } = await control.install({ owner: "acme" });
  return {
    github,
    dir,
    installationId,
    app: appClient(github),
    octokit: installationClient(github, installationId),
    stop: async () => {
      await github.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A client that speaks as the App. */
export function appClient(github: GitHub): Octokit {
  const auth = { appId: github.appId, privateKey: github.privateKeyPem };
  return new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.apiUrl, log: QUIET });
}

/** A client that speaks as one installation. */
export function installationClient(github: GitHub, installationId: number): Octokit {
  const auth = { appId: github.appId, privateKey: github.privateKeyPem, installationId };
  return new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.apiUrl, log: QUIET });
}

/** A client with a ready token, or none. */
export function tokenClient(github: GitHub, token?: string): Octokit {
  return new Octokit({ ...(token === undefined ? {} : { auth: token }), baseUrl: github.apiUrl, log: QUIET });
}

/** Pushes a branch with one more file and opens a pull request from it. */
export async function openPull(
  stage: Stage,
  branch = "feature",
): Promise<{ number: number; headSha: string }> {
  const { control } = stage.github;
  const files = { [`${branch}.txt`]: `${branch}\n` };
  await control.pushCommit({ repo: REPO, branch, login: "wendy", files, message: "Add a file\n" });
  return control.openPull({ repo: REPO, login: "wendy", head: branch, title: `Add ${branch}` });
}

const nothing = (): void => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };
