import { expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import { createRepoConfigs } from "../../app/repo-config/load.ts";
import { NO_CONFIG } from "../../app/repo-config/schema.ts";
import type { Repository } from "../../app/store/rows.ts";

const REPOSITORY: Repository = {
  id: 77,
  accountId: 7,
  owner: "octo",
  name: "shop",
  defaultBranch: "main",
  private: true,
};
const gone = () => new AppError("github_gone", "It is gone.", "Nothing.");

function world(readText: (sha: string) => string | null) {
  const seen = { tips: 0, reads: 0, tip: "a".repeat(40), isHidden: false };
  const configs = createRepoConfigs({
    async defaultTip() {
      seen.tips += 1;
      if (seen.isHidden) throw gone();
      return seen.tip;
    },
    async readText(_repository, sha) {
      seen.reads += 1;
      return readText(sha);
    },
    allowed: { classes: ["standard"], providers: new Map(), env: [], forks: { policy: "approve" } },
  });
  return { seen, configs };
}

it("a file is read once a commit, and again for the next one", async () => {
  const { seen, configs } = world((sha) => `commands: { c${sha.slice(0, 1)}: { run: x } }`);
  for (let n = 0; n < 3; n += 1) await configs.load(REPOSITORY);
  expect(seen.reads).toBe(1);
  seen.tip = "b".repeat(40);
  expect(await configs.load(REPOSITORY)).toMatchObject({
    kind: "good",
    sha: seen.tip,
    config: { commands: { cb: {} } },
  });
  expect(await configs.load(REPOSITORY, "c".repeat(40))).toMatchObject({ sha: "c".repeat(40) });
  expect(seen).toMatchObject({ reads: 3, tips: 4 });
});

it("no file leaves everything to the settings", async () => {
  const { configs } = world(() => null);
  expect(await configs.load(REPOSITORY)).toMatchObject({ kind: "good", config: NO_CONFIG, text: null });
});

it("a repository that is hidden between tip and file is an error, and is asked again", async () => {
  const { seen, configs } = world(() => {
    seen.isHidden = true;
    return null;
  });
  await expect(configs.load(REPOSITORY)).rejects.toMatchObject({ code: "github_gone" });
  await expect(configs.load(REPOSITORY, seen.tip)).rejects.toMatchObject({ code: "github_gone" });
});

it("a file that is too large is broken, by the number of its bytes", async () => {
  const { configs } = world(() => {
    throw new AppError(
      "too_large",
      ".github/crabbox.yml has 2097152 bytes; at most 65536 are read.",
      "Make it smaller.",
    );
  });
  expect(await configs.load(REPOSITORY)).toMatchObject({
    kind: "broken",
    faults: [{ line: 1, message: expect.stringContaining("2097152 bytes; at most 65536") }],
  });
});

it("a reading that failed is not remembered", async () => {
  let fails = true;
  const { configs } = world(() => {
    if (fails) throw new AppError("github_failed", "No answer.", "Later.");
    return "env: []";
  });
  await expect(configs.load(REPOSITORY)).rejects.toMatchObject({ code: "github_failed" });
  fails = false;
  expect(await configs.load(REPOSITORY)).toMatchObject({ kind: "good", config: { env: [] } });
});

it("old commits are forgotten, so that memory stays bounded", async () => {
  const { seen, configs } = world(() => "env: []");
  for (let n = 0; n < 501; n += 1) await configs.load(REPOSITORY, n.toString(16).padStart(40, "0"));
  await configs.load(REPOSITORY, "0".repeat(40));
  expect(seen.reads).toBe(502);
});
