import { expect, test } from "vitest";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";

const JOB = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n";

/** Text, then line, column, and words of the fault. */
const CASES: readonly (readonly [string, string, number, number, RegExp])[] = [
  ["YAML that does not end", "on: [push\njobs: {}", 2, 1, /not valid YAML/u],
  [
    "an expression in braces",
    "on: push\nenv: { a: b-${{ github.sha }}, c: d }",
    2,
    14,
    /`\$\{\{ \}\}` inside.*needs quotes/u,
  ],
  ["an empty file", "", 1, 1, /empty.*needs `on`/u],
  ["a list", "- a", 1, 1, /no map of keys/u],
  ["two documents", `${JOB}    steps: [run: x]\n---\na: b`, 6, 1, /second document/u],
  ["no jobs", "on: push\n", 1, 1, /`jobs` is missing/u],
  ["jobs that are empty", "on: push\njobs: {}", 2, 7, /no jobs/u],
  [
    "a key of a workflow",
    `onn: push\n${JOB}    steps: [run: x]`,
    1,
    1,
    /`onn` is not known.*Did you mean `on`/u,
  ],
  [
    "an event",
    JOB.replace("push", "pul_request") + "    steps: [run: x]",
    1,
    5,
    /Did you mean `pull_request`/u,
  ],
  [
    "a filter",
    JOB.replace("push", "{ push: { branch: a } }") + "    steps: [run: x]",
    1,
    15,
    /Did you mean `branches`/u,
  ],
  [
    "filters against each other",
    JOB.replace("push", "{ push: { paths: a, paths-ignore: b } }") + "    steps: [run: x]",
    1,
    25,
    /both/u,
  ],
  ["a key of a job", `${JOB}    step: []`, 5, 5, /Did you mean `steps`/u],
  ["a job without steps", JOB, 3, 3, /no steps/u],
  ["a job without a runner", "on: push\njobs:\n  a:\n    steps: [run: x]", 4, 5, /`runs-on` is missing/u],
  [
    "runs-on with uses",
    `${JOB}    uses: a/b/.github/workflows/c.yml@v1`,
    4,
    5,
    /calls a workflow with `uses` does not take it/u,
  ],
  ["a workflow that is none", "on: push\njobs:\n  a:\n    uses: ./other.yml", 4, 11, /no reusable workflow/u],
  ["a step without anything", `${JOB}    steps: [{ name: x }]`, 5, 13, /neither `run` nor `uses`/u],
  ["a step with both", `${JOB}    steps: [{ run: x, uses: a/b@v1 }]`, 5, 13, /`run` and `uses`/u],
  ["with on a run step", `${JOB}    steps: [{ run: x, with: {} }]`, 5, 23, /does not go with `run`/u],
  ["an action without a ref", `${JOB}    steps: [uses: actions/checkout]`, 5, 19, /names no action/u],
  ["an id twice", `${JOB}    steps: [{ id: a, run: x }, { id: A, run: x }]`, 5, 38, /used twice/u],
  ["a malformed id", `${JOB}    steps: [{ id: 1a, run: x }]`, 5, 19, /malformed/u],
  ["a reserved job id", "on: push\njobs:\n  __a: { runs-on: x, steps: [run: x] }", 3, 3, /reserved/u],
  [
    "an unknown need",
    `${JOB}    needs: [tset]\n    steps: [run: x]`,
    5,
    13,
    /no job `tset`.*Did you mean `test`/u,
  ],
  [
    "jobs in a circle",
    "on: push\njobs:\n  a: { needs: b, runs-on: x, steps: [run: x] }\n  b: { needs: a, runs-on: x, steps: [run: x] }",
    4,
    15,
    /`a` → `b` → `a`/u,
  ],
  ["a wrong type", `${JOB}    timeout-minutes: soon\n    steps: [run: x]`, 5, 22, /text `soon`.*a number/u],
  ["a list for a text", `${JOB}    steps: [{ run: [a] }]`, 5, 20, /A list does not fit.*text/u],
  [
    "a permission",
    `${JOB}    permissions: { contents: wriet }\n    steps: [run: x]`,
    5,
    30,
    /Did you mean `write`/u,
  ],
  ["a merge key in env", `${JOB}    env: { <<: { A: 1 } }\n    steps: [run: x]`, 5, 12, /no merge keys/u],
  [
    "a cache-mode of a workflow",
    `cache-mode: wirte\n${JOB}    steps: [run: x]`,
    1,
    13,
    /`wirte` is not known.*Did you mean `write`\? Allowed: `read`, `write`, `write-only`, `none`/u,
  ],
  [
    "a cache-mode of a job",
    `${JOB}    cache-mode: read-only\n    steps: [run: x]`,
    5,
    17,
    /`read-only` is not known.*Did you mean `write-only`\? Allowed: `read`/u,
  ],
  [
    "a cache-mode of a step",
    `${JOB}    steps: [{ run: x, cache-mode: read }]`,
    5,
    23,
    /`cache-mode` is not known/u,
  ],
  ["a merge key", `${JOB}    <<: { name: x }\n    steps: [run: x]`, 5, 5, /no merge keys/u],
  ["an unknown anchor", `${JOB}    env: *none\n    steps: [run: x]`, 5, 10, /anchor `none`|alias.*none/u],
  ["a key twice", `${JOB}    name: a\n    name: b\n    steps: [run: x]`, 6, 5, /twice/u],
  ["a context that is not there", `${JOB}    if: secrets.x == ''\n    steps: [run: x]`, 5, 9, /secrets/u],
  ["secrets in a step's if", `${JOB}    steps: [{ run: x, if: secrets.A }]`, 5, 27, /secrets/u],
  ["hashFiles in a job", `${JOB}    name: \${{ hashFiles('a') }}\n    steps: [run: x]`, 5, 15, /hashFiles/u],
  [
    "an expression that does not end",
    `${JOB}    steps:\n      - run: |\n          echo\n          echo \${{ github.ref\n`,
    8,
    16,
    /./u,
  ],
  ["an expression in uses", `${JOB}    steps: [uses: "\${{ matrix.a }}"]`, 5, 19, /evaluates none/u],
  [
    "an expression in a workflow's name",
    `name: \${{ github.ref }}\n${JOB}    steps: [run: x]`,
    1,
    7,
    /evaluates none/u,
  ],
  [
    "a matrix that is too large",
    `${JOB}    strategy: { matrix: { a: [${"1,".repeat(300)}] } }\n    steps: [run: x]`,
    5,
    25,
    /300 jobs.*256/u,
  ],
  [
    "a matrix without values",
    `${JOB}    strategy: { matrix: { a: [] } }\n    steps: [run: x]`,
    5,
    25,
    /no values/u,
  ],
  [
    "a wait for nobody",
    `${JOB}    steps: [{ id: a, run: x, background: true }, { wait: b }]`,
    5,
    58,
    /No step before.*`b`/u,
  ],
  [
    "parallel in parallel",
    `${JOB}    steps: [{ parallel: [{ parallel: [{ run: x }] }] }]`,
    5,
    28,
    /parallel/u,
  ],
  [
    "background in parallel",
    `${JOB}    steps: [{ parallel: [{ run: x, background: true }] }]`,
    5,
    36,
    /inside `parallel`/u,
  ],
  ["wait-all that is false", `${JOB}    steps: [{ wait-all: false }]`, 5, 25, /`true` or left empty/u],
  [
    "entrypoint of a job's container",
    `${JOB}    container: { image: a, entrypoint: b }\n    steps: [run: x]`,
    5,
    28,
    /`entrypoint` is not known/u,
  ],
  [
    "a queue",
    `${JOB}    concurrency: { group: a, queue: mx }\n    steps: [run: x]`,
    5,
    37,
    /Did you mean `max`/u,
  ],
];

test.each(CASES)("%s is told with its place", (_what, text, line, column, words) => {
  const read = readWorkflow(".github/workflows/ci.yml", text);
  const faults = "faults" in read ? read.faults : [];
  const fault = faults.find((one) => words.test(`${one.message} ${one.hint}`));
  expect(fault, JSON.stringify(faults)).toBeDefined();
  expect([fault?.line, fault?.column]).toEqual([line, column]);
  const whole = text.split("\n")[line - 1] ?? "";
  expect(fault?.excerpt).toContain(whole.trim().slice(0, 60));
});
