import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** All that `explain` reads of a repository, and all that a commit without its large files surely has. */
const READ = ".github";

/** Puts the workflows of `OWNER/NAME` at a commit (or HEAD) into `into`, from `root` or from GitHub. Throws when git fails. */
export function checkOut(root: string | null, repository: string, commit: string, into: string): void {
  mkdirSync(into, { recursive: true });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: into, stdio: "pipe" });
  git("init", "--quiet");
  if (root === null) {
    git("fetch", "--quiet", "--depth=1", `https://github.com/${repository}`, commit);
    git("checkout", "--quiet", "FETCH_HEAD", "--", READ);
    return;
  }
  const bare = join(resolve(root), `${repository}.git`);
  git(`--git-dir=${bare}`, `--work-tree=${into}`, "checkout", "--quiet", commit, "--", READ);
}

/** OWNER/NAME of all bare repositories in `root`. */
export function repositoriesIn(root: string): readonly string[] {
  return readdirSync(root).flatMap((owner) =>
    readdirSync(join(root, owner))
      .filter((name) => name.endsWith(".git"))
      .map((name) => `${owner}/${name.slice(0, -".git".length)}`),
  );
}
