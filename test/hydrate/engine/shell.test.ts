import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { splitArguments } from "../../../runner-bootstrap/boxd/steps/engine/arguments.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { shellFor } from "../../../runner-bootstrap/boxd/steps/engine/shell.ts";
import { type Bench, openBench } from "./local-host.ts";
import { planOf, run } from "./plans.ts";

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(() => {
  bench.remove();
});

const argv = (setting: string): readonly string[] | string => {
  const shell = shellFor(setting, (name) => `/bin/${name}`, false);
  return "fault" in shell ? shell.fault : shell.argv("/s");
};

describe("shells", () => {
  it("have GitHub's exact default arguments", () => {
    expect(argv("")).toEqual(["/bin/bash", "-e", "/s"]);
    expect(argv("bash")).toEqual(["/bin/bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "/s"]);
    expect(argv("sh")).toEqual(["/bin/sh", "-e", "/s"]);
    expect(argv("python")).toEqual(["/bin/python", "/s"]);
    expect(argv("pwsh")).toEqual(["/bin/pwsh", "-command", ". '/s'"]);
    expect(argv("/usr/bin/env -u ENV /bin/sh -eu {0}")).toEqual([
      "/bin//usr/bin/env",
      "-u",
      "ENV",
      "/bin/sh",
      "-eu",
      "/s",
    ]);
    expect(argv("bash -el {0}")).toEqual(["/bin/bash", "-el", "/s"]);
  });

  it("fall back to sh when there is no bash", () => {
    const shell = shellFor("", (name) => (name === "sh" ? "/bin/sh" : null), false);
    expect("fault" in shell ? shell.fault : shell.argv("/s")).toEqual(["/bin/sh", "-e", "/s"]);
  });

  it("are refused without a place for the script, or without the program", () => {
    expect(argv("nu")).toMatch(/no command with \{0\}/);
    expect(shellFor("nu {0}", () => null, false)).toEqual({
      fault: "The shell nu was not found on the PATH.",
    });
  });

  it("split arguments as .NET does", () => {
    expect(splitArguments(`-c "a b" 'c d' e\\"f  g\\h "i\\\\"`)).toEqual([
      "-c",
      "a b",
      "'c",
      "d'",
      'e"f',
      "g\\h",
      "i\\",
    ]);
    expect(splitArguments('a"b c"d ""')).toEqual(["ab cd", ""]);
  });

  it("wrap a pwsh script so that errors and exit codes count", () => {
    const shell = shellFor("pwsh", (name) => name, true);
    if ("fault" in shell) throw new Error(shell.fault);
    expect(shell.extension).toBe(".ps1");
    expect(shell.contents("Get-Item x")).toBe(
      "$ErrorActionPreference = 'stop'\nGet-Item x\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }",
    );
  });

  it("run: pipefail only for bash by name, python, a template, one that GITHUB_PATH brought", async () => {
    const tools = join(bench.root, "own");
    mkdirSync(tools);
    writeFileSync(join(tools, "loud"), '#!/bin/sh\necho "loud: $(cat "$1")"\n');
    chmodSync(join(tools, "loud"), 0o755);
    const result = await runJob(
      planOf([
        run("false | true; echo reached"),
        run("false | true", { shell: "bash", continueOnError: true }),
        run("import sys; print(sys.version_info[0])", { shell: "python3 {0}" }),
        run(`echo ${tools} >> $GITHUB_PATH`),
        run("hello", { shell: "loud {0}" }),
        run("echo $0", { shell: "${{ 'sh' }}" }),
      ]),
      bench.host,
    );
    expect(result.conclusion).toBe("success");
    expect(bench.log()).toMatch(
      /^reached\nError: Process completed with exit code 1.\n3\nloud: hello\n.*\.sh\n$/,
    );
    expect(result.path).toEqual([tools]);
  });

  it("come from the job's defaults, which a step overrides", async () => {
    await runJob(
      planOf([run("false | true; echo no"), run("false | true; echo yes", { shell: "sh", if: "always()" })], {
        defaults: { shell: "bash" },
      }),
      bench.host,
    );
    expect(bench.log()).toBe("Error: Process completed with exit code 1.\nyes\n");
  });
});
