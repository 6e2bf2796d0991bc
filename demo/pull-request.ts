import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Control } from "./github/control.ts";
import type { Source } from "./source.ts";

/** Who writes the comments: a member with write access, and no more. */
export const WRITER = "robin";
/** Who administers the sample; may do everything. */
export const ADMIN = "ada";
/** Who has no access to the sample, only a fork of it. */
export const STRANGER = "sam";
/** The sample's branches. */
export const BASE_BRANCH = "main";
/** The pull request's head branch. */
export const HEAD_BRANCH = "spring-tide";
/** What the state directory remembers as the pull request's origin begins so when it is the sample's. */
export const SAMPLE = "sample";
const SAMPLE_NAME = { owner: "harbour", name: "tide-table" };
const SAMPLE_DIR = join(import.meta.dirname, "story", "sample");
/** What is other in the sample where boxes have no npm. */
const WITHOUT_NPM_DIR = join(import.meta.dirname, "story", "sample-without-npm");
const HEAD_OF_SOURCE = "pull-request";

export type PullRequest = { readonly repo: string; readonly number: number };

/** The sample as the state directory remembers it. */
export function sampleName(hasNpm: boolean): string {
  return hasNpm ? SAMPLE : `${SAMPLE} without npm`;
}

/** Makes the sample repository with an open pull request and a stranger's fork, and installs the App there. */
export async function openSamplePull(control: Control, hasNpm: boolean): Promise<PullRequest> {
  const repo = `${SAMPLE_NAME.owner}/${SAMPLE_NAME.name}`;
  await control.createRepository({
    ...SAMPLE_NAME,
    // Public, so that a stranger may fork it.
    private: false,
    defaultBranch: BASE_BRANCH,
    roles: { [ADMIN]: "admin", [WRITER]: "write" },
    files: { ...filesBelow(SAMPLE_DIR), ...(hasNpm ? {} : filesBelow(WITHOUT_NPM_DIR)) },
  });
  await control.createAccount({ login: STRANGER });
  await control.forkRepository({ repo, owner: STRANGER });
  await control.install({ owner: SAMPLE_NAME.owner });
  await control.pushCommit({
    repo,
    branch: HEAD_BRANCH,
    login: WRITER,
    message: "Say which tides are tested\n",
    files: {
      "README.md": `${readFileSync(join(SAMPLE_DIR, "README.md"), "utf8")}\nSpring tides are higher.\n`,
    },
  });
  const { number } = await control.openPull({
    repo,
    login: WRITER,
    head: HEAD_BRANCH,
    base: BASE_BRANCH,
    title: "Mention spring tides",
    body: "The tide table is used for spring tides, too.",
  });
  return { repo, number };
}

/** Copies the person's two commits into a new repository with an open pull request, and installs the App there. */
export async function openSourcePull(control: Control, source: Source): Promise<PullRequest> {
  const { owner, name, gitDir, headSha, baseSha, subject } = source;
  await control.createRepository({
    owner,
    name,
    private: true,
    defaultBranch: BASE_BRANCH,
    roles: { [WRITER]: "write" },
    from: gitDir,
    branches: { [BASE_BRANCH]: baseSha, [HEAD_OF_SOURCE]: headSha },
  });
  await control.install({ owner });
  const repo = `${owner}/${name}`;
  const { number } = await control.openPull({
    repo,
    login: WRITER,
    head: HEAD_OF_SOURCE,
    base: BASE_BRANCH,
    title: subject === "" ? headSha : subject,
  });
  return { repo, number };
}

function filesBelow(dir: string): Record<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => relative(dir, join(entry.parentPath, entry.name)));
  const wanted = paths.filter((path) => !path.split("/").includes("node_modules"));
  return Object.fromEntries(wanted.map((path) => [path, readFileSync(join(dir, path), "utf8")]));
}
