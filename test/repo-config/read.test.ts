import { describe, expect, it } from "vitest";
import { BOX_CLASSES } from "../../providers/provider.ts";
import type { Allowed } from "../../app/repo-config/allowed.ts";
import { readRepoConfig } from "../../app/repo-config/read.ts";
import { NO_CONFIG } from "../../app/repo-config/schema.ts";

const ALLOWED: Allowed = {
  classes: ["standard", "large"],
  providers: new Map([
    ["local", { types: (one) => (one === "standard" ? ["dir"] : []) }],
    ["fleet", { types: (one) => (BOX_CLASSES.indexOf(one) < 3 ? ["slot"] : []) }],
  ]),
  env: ["NODE_ENV", "TZ"],
  forks: { policy: "approve_team", team: "octo/keepers" },
};
const GOOD = `defaults: { class: large, provider: fleet, timeout: 20m, idle: 0s }
limits: { classes: [standard, large], providers: [fleet], timeout: 1h, ttl: 2h }
env: [NODE_ENV]
commands:
  unit: { run: npm test, timeout: 10m }
  lint:
    run: |
      npm run lint
      npm run types
who: { role: maintain, users: [mona, "renovate[bot]"], teams: [keepers, other/team] }
forks: { policy: never }
concurrency: { mode: cancel-previous }
keep: [vendor, "packages/*/node_modules"]
paths: ["src/**"]
auto:
  unit: { command: unit, paths: ["**/*.ts", "!docs/**"], draft: skip, merge: true }
  full: { command: lint, on: label, label: full tests }
`;

function faults(text: string, allowed: Allowed | null = ALLOWED): readonly string[] {
  const read = readRepoConfig(text, allowed);
  return read.ok
    ? []
    : read.faults.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
}

describe("a good file", () => {
  it("is read whole, durations as milliseconds", () => {
    const read = readRepoConfig(GOOD, ALLOWED);
    expect(read).toMatchObject({
      ok: true,
      config: {
        defaults: { class: "large", provider: "fleet", timeout: 1_200_000, idle: 0 },
        commands: {
          unit: { run: "npm test", timeout: 600_000 },
          lint: { run: "npm run lint\nnpm run types\n" },
        },
        concurrency: { mode: "cancel-previous", max: 1 },
        auto: {
          unit: { on: "push", draft: "skip", merge: true },
          full: { on: "label", label: "full tests" },
        },
      },
    });
  });

  it.each(["", "\n", "# nothing yet\n", "---\n", "{}"])("that is empty (%j) says nothing", (text) => {
    expect(readRepoConfig(text, ALLOWED)).toEqual({ ok: true, config: NO_CONFIG });
  });

  it("may use an anchor", () => {
    const read = readRepoConfig("commands:\n  a: &a { run: make }\n  b: *a\n", ALLOWED);
    expect(read).toMatchObject({ ok: true, config: { commands: { b: { run: "make" } } } });
  });
});

describe("a fault", () => {
  it.each([
    [
      "an unknown key",
      "comands: {}\n",
      /^1:1 : There is no key `comands` here\. Did you mean `commands`\? .*`auto`/u,
    ],
    [
      "a deep unknown key",
      "auto:\n  unit:\n    command: x\n    path: [a]\n",
      /^4:5 auto\.unit: .*`path`.*Did you mean `paths`\?/u,
    ],
    [
      "an unknown key of a command",
      "commands: { a: { run: x, clas: large } }",
      /^1:26 .*Did you mean `class`\?/u,
    ],
    [
      "what leads out of what is kept",
      "keep: [vendor, ../x]\n",
      /^1:16 keep\.1: A path within the repository is needed/u,
    ],
    [
      "a wrong class",
      "defaults:\n  class: larg\n",
      /^2:10 defaults\.class: `larg` is not known here\. Did you mean `large`\?/u,
    ],
    [
      "a wrong duration",
      "commands:\n  a:\n    run: x\n    timeout: soon\n",
      /^4:14 commands\.a\.timeout: A duration.*`soon`/u,
    ],
    [
      "a number for a text",
      "commands: { a: { run: 5 } }",
      /^1:23 commands\.a\.run: Text is needed; found `5`/u,
    ],
    ["a missing key", "commands:\n  a: { class: large }\n", /^2:6 commands\.a\.run: `run` is missing/u],
    ["a list for a mapping", "auto:\n  - unit\n", /^2:3 auto: A mapping of names is needed/u],
    ["a text for the whole", "just words", /^1:1 : A mapping of keys is needed/u],
    ["a bad name", "commands:\n  Unit Tests: { run: x }\n", /^2:3 commands: A name is needed.*`Unit Tests`/u],
    ["a key twice", "env: []\nenv: [TZ]\n", /^2:1 env: This key stands there twice/u],
    ["broken YAML", "auto: [a\nb: c\n", /^\d+:\d+ : This is not valid YAML/u],
    ["two documents", "env: []\n---\nenv: []\n", /not valid YAML/u],
    [
      "an unknown command",
      "commands: { unit: { run: x } }\nauto:\n  a: { command: unti }\n",
      /^3:17 auto\.a\.command: .*Did you mean `unit`\?/u,
    ],
    [
      "a label without one",
      "commands: { a: { run: x } }\nauto: { a: { command: a, on: label } }",
      /needs `label`/u,
    ],
    [
      "a label nobody asked for",
      "commands: { a: { run: x } }\nauto: { a: { command: a, label: b } }",
      /belongs to `on: label`/u,
    ],
    ["only paths left out", "paths: ['!docs/**']", /nothing would match/u],
    ["a control character", 'commands: { a: { run: "x\\u0007" } }', /cannot be shown/u],
    [
      "no such provider",
      "defaults: { provider: flet }",
      /^1:23 defaults\.provider: This server has no provider `flet`\. Did you mean `fleet`\? There are `local`, `fleet`/u,
    ],
    [
      "a class nobody offers",
      "limits: { classes: [standard, beast] }",
      /^1:31 limits\.classes\.1: The class `beast` is not offered here\. There are `standard`, `large`/u,
    ],
    [
      "a class its provider has not",
      "defaults: { provider: local, class: large }",
      /does not offer the class `large`\. It offers `standard`/u,
    ],
    [
      "what its own limits leave out",
      "limits: { providers: [fleet] }\ndefaults: { provider: local }",
      /^2:23 .*leaves out the provider `local`/u,
    ],
    [
      "a variable the server has not",
      "env: [NODE_ENV, SECRET]",
      /^1:17 env\.1: The server's settings give no variable `SECRET`/u,
    ],
    [
      "another team",
      "forks: { policy: approve_team, team: octo/other }",
      /name the team already: `octo\/keepers`/u,
    ],
    ["a team for nothing", "forks: { team: octo/other }", /belongs to `policy: approve_team`/u],
  ])("names its place and what is allowed: %s", (_what, text, expected) => {
    expect(faults(text)[0]).toMatch(expected);
  });

  it("is one of many, in the order of the text", () => {
    expect(
      faults("env: 5\ncolour: red\nwho: { role: king }\n", null).map((one) => one.split(" ")[0]),
    ).toEqual(["1:6", "2:1", "3:14"]);
  });

  it("is not what only a server can tell, when no server is asked", () => {
    expect(faults("defaults: { provider: anything }\nenv: [ANY]\n", null)).toEqual([]);
  });

  it("shows hostile text as one short line", () => {
    const [fault] = faults(`"\\u202e${"x".repeat(500)}\`\\nb": 1`);
    expect(fault?.length).toBeLessThan(500);
    expect(fault).not.toMatch(/[\n\u202e]/u);
  });
});
