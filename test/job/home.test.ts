import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toolHomes } from "../../app/job/job-home.ts";
import { logOf, openJobStage, resultOf, type JobStage } from "./stage.ts";

let dir: string;
let person: string;
let stage: JobStage;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-home-"));
  person = join(dir, "person");
  mkdirSync(join(person, ".config/pip"), { recursive: true });
  mkdirSync(join(person, ".rustup"));
  writeFileSync(join(person, ".config/pip/pip.conf"), "[global]\nindex-url = https://pypi.example/\n");
  writeFileSync(join(dir, "npmrc"), "registry=https://npm.example/\n");
  symlinkSync(join(dir, "npmrc"), join(person, ".npmrc"));
  stage = openJobStage();
  stage.write({
    ".github/workflows/ci.yml": `on: push
jobs:
  first:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo "first [$(ls -A ~)] [$XDG_CONFIG_HOME] $RUSTUP_HOME"
          cat ~/.npmrc ~/.config/pip/pip.conf 2>/dev/null || true
          echo mine >> ~/.npmrc; mkdir -p ~/go/pkg/mod/x; echo x > ~/go/pkg/mod/x/y; chmod -R a-w ~/go
      - run: echo "kept [$(tail -n 1 ~/.npmrc)]"
  second:
    needs: first
    runs-on: ubuntu-latest
    steps: [{ run: 'echo "second [$(ls -A ~)]"' }]
`,
  });
});
afterAll(() => {
  stage.close();
  rmSync(dir, { recursive: true, force: true });
});

const env = () => ({ HOME: person, XDG_CONFIG_HOME: join(person, ".config") });
const ofPerson = (): string => readFileSync(join(dir, "npmrc"), "utf8");

describe("HOME of `crabbox-app job`", () => {
  it("is each job's own, empty, and gone with it; what is in the person's stays as it is", async () => {
    const { code, lines } = await stage.json(["--workflow", "ci.yml"], env());
    const log = logOf(lines);
    expect(code).toBe(0);
    expect(log).toContain(`first [] [] ${join(person, ".rustup")}\n`);
    expect(log).toContain("kept [mine]\n");
    expect(log).toContain("second []\n");
    expect(log).not.toContain("example");
    expect(ofPerson()).toBe("registry=https://npm.example/\n");
    expect(existsSync(join(person, "go"))).toBe(false);
  });

  it("has copies of the files that are asked for, in every job", async () => {
    const files = ["--home-file", ".npmrc", "--home-file", ".config/pip"];
    const { lines } = await stage.json(["--workflow", "ci.yml", ...files], env());
    const log = logOf(lines);
    expect(log).toContain("registry=https://npm.example/\n[global]\nindex-url = https://pypi.example/\n");
    expect(log).toContain("kept [mine]\n");
    expect(log).toContain("second [.config\n.npmrc]\n");
    expect(ofPerson()).toBe("registry=https://npm.example/\n");
  });

  it("is the person's with --home, and the one that --env names", async () => {
    const job =
      "on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: 'echo made > ~/made; echo $HOME' }] }\n";
    stage.write({ ".github/workflows/home.yml": job });
    const own = await stage.json(["--workflow", "home.yml", "--home"], env());
    expect(resultOf(own.lines, "a").conclusion).toBe("success");
    expect(readFileSync(join(person, "made"), "utf8")).toBe("made\n");
    const named = join(dir, "named");
    mkdirSync(named);
    await stage.json(["--workflow", "home.yml", "--env", `HOME=${named}`], env());
    expect(existsSync(join(named, "made"))).toBe(true);
  });

  it.each([
    ["/etc/passwd", "not a path below your home"],
    ["../elsewhere", "not a path below your home"],
    [".", "not a path below your home"],
    [".nothing", ".nothing is not there"],
  ])("refuses --home-file %s before anything runs", async (file, message) => {
    const ran = await stage.run(
      ["job", "--repo", stage.repo, "--workflow", "ci.yml", "--home-file", file],
      env(),
    );
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining(message) });
    expect(ran.out).not.toContain("first");
  });

  it("refuses both flags at once", async () => {
    const both = ["--home", "--home-file", ".npmrc"];
    const ran = await stage.run(["job", "--repo", stage.repo, "--workflow", "ci.yml", ...both], env());
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("leave out --home") });
  });

  it("leaves tools findable that a person has in theirs, and what somebody named as it is", () => {
    expect(toolHomes({ HOME: person })).toEqual({ RUSTUP_HOME: join(person, ".rustup") });
    expect(toolHomes({ HOME: person, RUSTUP_HOME: "/elsewhere" })).toEqual({});
  });
});
