import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStage, REPO, type Stage } from "../servers/stage.ts";

const CONTENT = Buffer.from("a large file that git does not hold\n".repeat(1000));
const OID = createHash("sha256").update(CONTENT).digest("hex");
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize ${CONTENT.length}\n`;
const HAS_LFS = spawnSync("git", ["lfs", "version"], { stdio: "ignore" }).status === 0;

describe.skipIf(!HAS_LFS)("a repository with large files (needs git-lfs)", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      files: { ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "large.bin": POINTER },
    });
    await stage.github.control.putLfsObject({ repo: REPO, base64: CONTENT.toString("base64") });
  });
  afterAll(() => stage.close());

  it("has them in the work tree, fetched with the narrow token, and a clean status", async () => {
    const check = await stage.run(
      "/crabbox run -- sha256sum < large.bin; git status --porcelain; wc -c < large.bin",
    );
    expect(check.conclusion).toBe("success");
    expect(check.output?.text).toContain(OID);
    expect(check.output?.text).toContain(`\n${CONTENT.length}\n`);
    expect(check.output?.text).not.toContain(" M large.bin");
  });
});
