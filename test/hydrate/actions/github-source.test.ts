import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../../app/clock.ts";
import { createGithubSource } from "../../../app/hydrate/actions/github-source.ts";
import { bare, git, room } from "./repositories.ts";

function stage() {
  const root = room();
  const sha = bare(root, "a/b", { "action.yml": "name: x\n", "dist/index.js": "1" }, ["v1"]);
  const said: string[] = [];
  const cacheDir = join(root, "cache");
  const options = {
    baseUrl: `file://${root}/`,
    cacheDir,
    clock: createSystemClock(),
    onProgress: (text: string) => void said.push(text),
  };
  return {
    root,
    sha,
    said,
    cacheDir,
    source: createGithubSource(options),
    again: () => createGithubSource(options),
  };
}

describe("actions from a git server", () => {
  test("resolves a tag, fetches its commit once, unpacks it", async () => {
    const { root, sha, said, source, again } = stage();
    expect(await source.resolve("a/b", "v1")).toEqual({ kind: "commit", sha });
    expect(await source.resolve("a/b", "main")).toEqual({ kind: "commit", sha });
    expect(await source.file("a/b", sha, "action.yml")).toBe("name: x\n");
    rmSync(join(root, "a/b.git"), { recursive: true });
    await again().unpack("A/B", sha, join(root, "out"));
    expect(readFileSync(join(root, "out/dist/index.js"), "utf8")).toBe("1");
    expect(said.filter((text) => text.startsWith("fetching"))).toEqual([`fetching a/b@${sha}`]);
  });

  test("many at once, from two sources, leave one whole copy and nothing else", async () => {
    const { sha, source, again, cacheDir } = stage();
    const other = again();
    const all = await Promise.all(
      [source, other, source, other].map((one) => one.file("a/b", sha, "dist/index.js")),
    );
    expect(all).toEqual(["1", "1", "1", "1"]);
    expect(readdirSync(join(cacheDir, "a/b"))).toEqual([`${sha}.git`]);
  });

  test("a damaged copy is noticed and fetched again", async () => {
    const { sha, source, cacheDir, said } = stage();
    await source.file("a/b", sha, "action.yml");
    const kept = join(cacheDir, "a/b", `${sha}.git`);
    const oid = git(kept, "rev-parse", `${sha}:dist/index.js`);
    const loose = join(kept, "objects", oid.slice(0, 2), oid.slice(2));
    chmodSync(loose, 0o644);
    writeFileSync(loose, readFileSync(join(kept, "objects", sha.slice(0, 2), sha.slice(2))));
    expect(await source.file("a/b", sha, "dist/index.js")).toBe("1");
    expect(said.at(-2)).toContain("damaged");
  });

  test("no network, no repository, no ref: a reason each, nothing left over", async () => {
    const { root, source, cacheDir } = stage();
    const reason = async (nwo: string, ref: string): Promise<string> => {
      const resolved = await source.resolve(nwo, ref);
      return resolved.kind === "missing" ? resolved.reason : resolved.sha;
    };
    expect(await reason("a/none", "v1")).toContain("cannot be reached");
    expect(await reason("a/b", "v9")).toBe("a/b has no ref v9");
    expect(await reason("a/b", "abcdef1234")).toContain("all 40 digits");
    expect(await reason("a/b", "--upload-pack=x")).toContain("is no name of a ref");
    expect(await reason("a/b", "e".repeat(40))).toContain("cannot be had");
    const offline = createGithubSource({
      baseUrl: "http://127.0.0.1:1",
      cacheDir,
      clock: createSystemClock(),
    });
    // Nobody said no: that is for later.
    for (const ref of ["v1", "e".repeat(40)])
      await expect(offline.resolve("a/b", ref)).rejects.toMatchObject({ code: "github_failed" });
    await expect(offline.unpack("a/b", "e".repeat(40), join(root, "out"))).rejects.toThrow(/cannot be had/u);
    expect(existsSync(join(root, "out"))).toBe(false);
    expect(readdirSync(join(cacheDir, "a/b"))).toEqual([]);
  });
});
