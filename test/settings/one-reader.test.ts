import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** Files under `app/` and `providers/` whose code has the text, comments aside. */
function filesWith(text: string): readonly string[] {
  return globSync(["app/**/*.{ts,mjs}", "providers/**/*.ts"], { cwd: ROOT })
    .filter((file) =>
      readFileSync(join(ROOT, file), "utf8")
        .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/gu, "")
        .includes(text),
    )
    .toSorted();
}

it("one clock: the machine's time is read by it, and by the host process, which is no part of the App", () => {
  expect(filesWith("Date.now")).toEqual(["app/clock.ts", "providers/local/host.ts"]);
});

it("one reader of the environment: the settings; commands on a person's machine read that person's, git's has no secrets", () => {
  expect(filesWith("process.env").filter((file) => file.startsWith("app/"))).toEqual([
    "app/cli/enter.mjs",
    "app/cli/explain.ts",
    "app/cli/job.ts",
    "app/git-environment.ts",
    "app/settings.ts",
  ]);
});
