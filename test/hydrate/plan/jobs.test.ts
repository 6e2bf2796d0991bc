import { describe, expect, test } from "vitest";
import type { Ended } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import { begin, planText, play } from "./planning.ts";

async function runText(text: string, endings: Readonly<Record<string, Ended>> = {}) {
  const { legs, said, ended } = play((await planText(text)).jobs, endings);
  return { names: legs.map(({ plan }) => plan.name), skipped: said, legs, ended };
}

const JOB = "runs-on: ubuntu-latest, steps: [{ run: x }]";

describe("the jobs of a workflow", () => {
  test("run in the order of needs; matrix and names from what needed jobs gave", async () => {
    const { names, legs } = await runText(
      [
        "on: push",
        "jobs:",
        "  last: { needs: mid, " + JOB + " }",
        "  mid:",
        "    needs: first",
        "    name: m ${{ matrix.v }} of ${{ needs.first.outputs.n }}",
        '    strategy: { matrix: { v: "${{ fromJSON(needs.first.outputs.list) }}" } }',
        "    runs-on: ubuntu-latest",
        "    steps: [{ run: x }]",
        "  first: { " + JOB + " }",
      ].join("\n"),
      { first: { result: "success", outputs: { list: "[1,2]", n: "2" } } },
    );
    expect(names).toEqual(["first", "m 1 of 2", "m 2 of 2", "last"]);
    expect(legs[2]?.plan.contexts).toMatchObject({
      matrix: { v: 2 },
      strategy: { "job-index": 1, "job-total": 2 },
      needs: { first: { result: "success", outputs: { n: "2" } } },
    });
  });

  test("a failure goes down the chain, but for always() and failure()", async () => {
    const { names, skipped, ended } = await runText(
      [
        "on: push",
        "jobs:",
        `  a: { ${JOB} }`,
        `  b: { needs: a, ${JOB} }`,
        `  c: { needs: b, if: always(), ${JOB} }`,
        `  d: { needs: c, ${JOB} }`,
        `  e: { needs: b, if: failure(), ${JOB} }`,
        `  f: { if: false, ${JOB} }`,
      ].join("\n"),
      { a: { result: "failure", outputs: {} } },
    );
    expect(names).toEqual(["a", "c", "e"]);
    expect(skipped[0]).toBe("b: the job a it waits for ended with failure");
    expect(skipped.at(-1)).toBe("f: its condition is false: false");
    expect(ended.get("d")?.result).toBe("skipped");
  });

  test("an expression that fails, or an empty matrix, fails the job with the reason", async () => {
    for (const [strategy, reason] of [
      ["{ matrix: \"${{ fromJSON('{') }}\" }", /JSON/u],
      ["{ matrix: { v: \"${{ fromJSON('[]') }}\" } }", /no values/u],
    ] as const) {
      const { jobs } = await planText(`on: push\njobs:\n  a: { strategy: ${strategy}, ${JOB} }`);
      expect(begin(jobs[0])).toMatchObject({
        kind: "failed",
        reason: expect.stringMatching(reason) as string,
      });
    }
    const mac = await planText(
      "on: push\njobs:\n  a: { strategy: { matrix: { os: [macos-15] } }, runs-on: '${{ matrix.os }}', steps: [{ run: x }] }",
    );
    expect(begin(mac.jobs[0])).toMatchObject({
      kind: "failed",
      reason: "`macos-15` is no Linux; boxes are.",
    });
  });

  test("of a matrix of machines, those that are no Linux are left out with the reason", async () => {
    const { jobs } = await planText(
      "on: push\njobs:\n  a: { strategy: { matrix: { os: [macos-15, ubuntu-latest] } }, runs-on: '${{ matrix.os }}', steps: [{ run: x }] }",
    );
    const start = begin(jobs[0]);
    expect(start).toMatchObject({
      kind: "runs",
      legs: [{ leg: { matrix: { os: "ubuntu-latest" } } }],
      leftOut: [{ leg: { matrix: { os: "macos-15" } }, refused: "`macos-15` is no Linux; boxes are." }],
    });
  });

  test("containers by an expression are evaluated, none is none", async () => {
    const job = (image: string): string =>
      `on: push\njobs:\n  a: { container: "\${{ ${image} }}", services: { db: { image: 'pg:\${{ matrix.v }}' } }, strategy: { matrix: { v: [9] } }, ${JOB} }`;
    const planOf = async (image: string) => {
      const start = begin((await planText(job(image))).jobs[0]);
      return start.kind === "runs" ? start.legs[0]?.plan : undefined;
    };
    expect((await planOf("format('node:{0}', matrix.v)"))?.container?.image).toBe("node:9");
    const none = await planOf("''");
    expect(none).not.toHaveProperty("container");
    expect(none?.services["db"]?.image).toBe("pg:${{ matrix.v }}");
  });

  test("only the asked jobs and what they need are planned", async () => {
    const text = `on: push\njobs:\n  a: { ${JOB} }\n  b: { needs: a, ${JOB} }\n  c: { ${JOB} }`;
    expect((await planText(text, { jobs: ["B"] })).jobs.map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
