import { describe, expect, test } from "vitest";
import { readActionFile } from "../../../runner-bootstrap/boxd/steps/action-file.ts";

describe("an action's file", () => {
  test("JavaScript: inputs, a null default is empty, numbers become text, post-if is kept", () => {
    const read = readActionFile(
      [
        "name: Setup",
        "inputs:",
        "  ref: { default: , required: true, deprecationMessage: gone soon }",
        "  depth: { default: 1 }",
        "  token: { default: '${{ github.token }}' }",
        "  bare: {}",
        "outputs: { path: { description: where } }",
        "runs: { using: Node20, main: dist/index.js, pre: , post: dist/post.js, post-if: success() }",
      ].join("\n"),
      "action.yml",
    );
    expect(read).toEqual({
      kind: "action",
      action: {
        name: "Setup",
        inputs: {
          ref: { default: "", required: true, deprecation: "gone soon" },
          depth: { default: "1", required: false },
          token: { default: "${{ github.token }}", required: false },
          bare: { required: false },
        },
        outputs: { path: {} },
        runs: { using: "node20", main: "dist/index.js", post: "dist/post.js", postIf: "success()" },
      },
    });
  });

  test("composite: every key of a step, with its place", () => {
    const read = readActionFile(
      [
        "name: Two",
        "runs:",
        "  using: composite",
        "  steps:",
        "    - id: a",
        "      if: ${{ inputs.x }}",
        "      run: |",
        "        echo 1",
        "      shell: bash",
        "      working-directory: sub",
        "      continue-on-error: ${{ inputs.soft }}",
        "    - uses: actions/cache@v4",
        "      name: Cache",
        "      with: { key: 1.50, path: }",
        "      env: { A: true }",
        "outputs: { x: { value: '${{ steps.a.outputs.x }}' } }",
      ].join("\n"),
      "two/action.yml",
    );
    expect(read).toMatchObject({
      action: {
        outputs: { x: { value: "${{ steps.a.outputs.x }}" } },
        runs: {
          using: "composite",
          steps: [
            {
              kind: "run",
              id: "a",
              if: "${{ inputs.x }}",
              run: "echo 1\n",
              shell: "bash",
              workingDirectory: "sub",
              continueOnError: "${{ inputs.soft }}",
              place: { path: "two/action.yml", line: 5, column: 7 },
            },
            {
              kind: "uses",
              uses: "actions/cache@v4",
              action: "",
              with: { key: "1.5", path: "" },
              env: { A: "true" },
            },
          ],
        },
      },
    });
  });

  test("Docker, with arguments and entry points; an anchor is followed", () => {
    const read = readActionFile(
      "x: &e { A: 1 }\nruns: { using: docker, image: Dockerfile, args: [a, 2], env: *e, post-entrypoint: /p.sh }",
      "action.yml",
    );
    expect(read).toMatchObject({
      action: {
        name: "",
        runs: {
          using: "docker",
          image: "Dockerfile",
          args: ["a", "2"],
          env: { A: "1" },
          postEntrypoint: "/p.sh",
        },
      },
    });
  });

  const composite = (step: string): string => `runs:\n  using: composite\n  steps:\n    - ${step}`;
  test.each([
    ["", 1, 1, /empty/u],
    ["name: [", 1, 8, /valid YAML/u],
    ["name: x", 1, 1, /no `runs:`/u],
    ["runs: { main: x.js }", 1, 7, /no `using:`/u],
    ["runs:\n  plugin: checkout", 2, 3, /plugin inside GitHub's own runner/u],
    ["runs: { using: node99, main: x.js }", 1, 16, /node99/u],
    ["runs: { using: node20 }", 1, 16, /no `main:`/u],
    ["runs: { using: docker }", 1, 16, /no `image:`/u],
    ["inputs: { a: { default: [1] } }\nruns: { using: node20, main: x }", 1, 25, /default of `a`/u],
    ["inputs: { a: 1, A: 2 }", 1, 17, /twice/u],
    ["runs: *nothing", 1, 7, /nothing/u],
    [composite("run: x"), 4, 7, /name its `shell:`/u],
    [composite("{ run: x, shell: sh, timeout-minutes: 1 }"), 4, 28, /timeout-minutes/u],
    [composite("{ run: x, shell: sh, uses: a/b@v1 }"), 4, 28, /`uses` is not known/u],
    [composite("name: x"), 4, 7, /neither `run:` nor `uses:`/u],
    [composite("{ id: 9a, run: x, shell: sh }"), 4, 13, /is no id/u],
    [composite("{ run: x, shell: sh, continue-on-error: maybe }"), 4, 47, /true, false or one expression/u],
  ])("fault in %j", (text, line, column, message) => {
    expect(readActionFile(text, "action.yml")).toMatchObject({
      kind: "fault",
      line,
      column,
      message: expect.stringMatching(message) as string,
    });
  });

  test("bounded: size, depth, a bomb of anchors, an anchor inside itself", () => {
    const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${[1, 2, 3, 4, 5, 6, 7]
      .map((n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(10)}]`)
      .join("\n")}`;
    for (const [text, message] of [
      [`name: ${"x".repeat(1024 * 1024)}`, /bytes/u],
      ["[".repeat(60_000), /nested too deeply/u],
      [bomb, /more than 50000 values/u],
      ["runs: &r { using: composite, steps: [*r] }", /nested too deeply|no anchor/u],
    ] as const) {
      expect(readActionFile(text, "action.yml")).toMatchObject({
        kind: "fault",
        message: expect.stringMatching(message) as string,
      });
    }
  });
});
