import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cargoHome } from "../../app/job/cargo-home.ts";
import { logOf, openJobStage, type JobStage } from "./stage.ts";

let dir: string;
let stage: JobStage;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-cargo-"));
  stage = openJobStage();
});
afterAll(() => {
  stage.close();
  rmSync(dir, { recursive: true, force: true });
});

test("an action that empties cargo's bin leaves the person's own alone", async () => {
  const own = join(dir, "own");
  mkdirSync(join(own, "bin"), { recursive: true });
  writeFileSync(join(own, "bin", "rustup"), "");
  stage.mirror("acme/clean", {
    "action.yml": "name: c\nruns: { using: node24, main: main.js }\n",
    "main.js": `const bin = process.env.CARGO_HOME + "/bin"; require("fs").rmSync(bin, { recursive: true }); console.log("emptied " + bin);`,
  });
  stage.write({
    ".github/workflows/ci.yml":
      "on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ uses: acme/clean@v1 }] }\n",
  });
  const { lines } = await stage.json(["--workflow", "ci.yml"], { CARGO_HOME: own });
  expect(logOf(lines)).toContain("emptied ");
  expect(existsSync(join(own, "bin", "rustup"))).toBe(true);
});

test("registries are the person's, credentials are not; programs that a step installs are found", () => {
  const own = join(dir, "person");
  const cache = join(dir, "cache");
  expect(cargoHome({ CARGO_HOME: own, PATH: "/bin" }, cache)).toEqual({});
  mkdirSync(own);
  writeFileSync(join(own, "config.toml"), "[net]\n");
  writeFileSync(join(own, "credentials.toml"), "secret\n");
  const home = join(cache, "cargo");
  for (let time = 0; time < 2; time += 1)
    expect(cargoHome({ CARGO_HOME: own, PATH: "/bin" }, cache)).toEqual({
      CARGO_HOME: home,
      PATH: `${join(home, "bin")}:/bin`,
    });
  expect(readFileSync(join(home, "config.toml"), "utf8")).toBe("[net]\n");
  expect(existsSync(join(home, "credentials.toml"))).toBe(false);
});
