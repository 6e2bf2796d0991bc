import { spawnSync } from "node:child_process";

import { expect, it } from "vitest";

import { innerEnvironment } from "../../runner-bootstrap/boxd/contain/inner-environment.ts";

const OF_STEPS = {
  PATH: "/usr/bin:/bin",
  A: "1",
  "INPUT_NODE-VERSION": "24",
  LD_SDK_KEY: "a secret of somebody's",
  LD_LIBRARY_PATH: "/a b",
  GLIBC_TUNABLES: "glibc.malloc.check=0",
  "BASH_FUNC_echo%%": "() { :; }",
  SHELLOPTS: "braceexpand",
  XDG_RUNTIME_DIR: "/x=y",
};

it("keeps what changes how programs start from those outside, and gives it all to the one inside", () => {
  const { env, argv } = innerEnvironment(OF_STEPS);
  expect(Object.keys(env)).toEqual(["PATH", "A", "INPUT_NODE-VERSION", "LD_SDK_KEY"]);
  expect(argv.join(" ")).not.toContain("a secret");
  const [file, ...args] = [...argv, "/usr/bin/env", "-0"] as const;
  const { stdout } = spawnSync(file, args, { env, encoding: "utf8" });
  const seen = Object.fromEntries(
    stdout
      .split("\0")
      .filter((line) => line !== "")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  expect(seen).toEqual(OF_STEPS);
});

it("stands before no program when there is nothing of the kind", () => {
  const env = { PATH: "/bin", LD_API_KEY: "k" };
  expect(innerEnvironment(env)).toEqual({ env, argv: [] });
});
