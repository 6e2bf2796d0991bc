import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createMirrorSource } from "../../../app/hydrate/actions/mirror-source.ts";
import { bare, git, room } from "./repositories.ts";

describe("actions from bare mirrors", () => {
  test("tags are peeled, branches and whole SHAs found, names compared without case", async () => {
    const root = room();
    const sha = bare(root, "Actions/Checkout", { "action.yml": "name: x" }, ["v4"]);
    const source = createMirrorSource(root);
    for (const ref of ["v4", "main", sha, sha.toUpperCase(), "refs/heads/main", "refs/tags/v4"])
      expect(await source.resolve("actions/CHECKOUT", ref)).toEqual({ kind: "commit", sha });
  });

  test("a tag comes before a branch of the same name", async () => {
    const root = room();
    const sha = bare(root, "a/b", { "action.yml": "name: x" }, ["v1"]);
    const other = git(join(root, "a/b.git"), "commit-tree", "-m", "two", `${sha}^{tree}`);
    git(join(root, "a/b.git"), "update-ref", "refs/heads/v1", other);
    expect(await createMirrorSource(root).resolve("a/b", "v1")).toEqual({ kind: "commit", sha });
  });

  test("what is not there is said", async () => {
    const root = room();
    const sha = bare(root, "a/b", { "action.yml": "name: x" });
    const source = createMirrorSource(root);
    const reason = async (nwo: string, ref: string): Promise<string> => {
      const resolved = await source.resolve(nwo, ref);
      return resolved.kind === "missing" ? resolved.reason : resolved.sha;
    };
    expect(await reason("a/none", "v1")).toContain("has no repository a/none");
    expect(await reason("a/../b", "v1")).toContain("has no repository");
    expect(await reason("a/b", "v9")).toBe("a/b has no ref v9");
    expect(await reason("a/b", sha.slice(0, 12))).toContain("all 40 digits");
    expect(await reason("a/b", "f".repeat(40))).toContain("has no commit");
    for (const ref of ["--help", "main^{/x}", "main~1", "a..b", "main@{0}", ""])
      expect(await reason("a/b", ref)).toContain("is no name of a ref");
    expect(() => createMirrorSource(join(root, "none"))).toThrow(/no directory/u);
  });

  test("a file is read, a folder and a missing one are null", async () => {
    const root = room();
    const sha = bare(root, "a/b", { "sub/action.yml": "name: x\n", "*": "star" });
    const source = createMirrorSource(root);
    expect(await source.file("a/b", sha, "sub/action.yml")).toBe("name: x\n");
    expect(await source.file("a/b", sha, "*")).toBe("star");
    expect(await source.file("a/b", sha, "sub")).toBeNull();
    expect(await source.file("a/b", sha, "action.yml")).toBeNull();
    await expect(source.file("a/none", sha, "x")).rejects.toThrow(/has no repository/u);
  });

  test("unpacks with links inside, without what is export-ignore, without anybody's filter", async () => {
    const root = room();
    const sha = bare(root, "a/b", {
      ".gitattributes": "tests export-ignore\n*.js filter=evil\n",
      "dist/index.js": "1",
      "tests/x": "1",
      link: { link: "dist/../dist/index.js" },
      loose: { link: "nowhere" },
    });
    const dir = join(root, "out");
    await createMirrorSource(root).unpack("a/b", sha, dir);
    expect(readdirSync(dir).sort()).toEqual([".gitattributes", "dist", "link", "loose"]);
    expect(readFileSync(join(dir, "link"), "utf8")).toBe("1");
  });

  test.each([
    [{ l: { link: "/etc/passwd" } }, /link `l` leaves/u],
    [{ "a/l": { link: "../../x" } }, /link `a\/l` leaves/u],
    [{ top: "x", "d/e/f/l": { link: "../../.." }, "d/e/f/m": { link: "l/../.." } }, /leaves its tree/u],
    [{ a: { link: "b" }, b: { link: "a" } }, /leaves its tree/u],
  ])("refuses a link that leaves the tree: %j", async (files, message) => {
    const root = room();
    const sha = bare(root, "a/b", files);
    await expect(createMirrorSource(root).unpack("a/b", sha, join(root, "out"))).rejects.toThrow(message);
    expect(existsSync(join(root, "out"))).toBe(false);
  });
});
