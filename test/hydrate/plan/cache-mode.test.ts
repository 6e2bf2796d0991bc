import { describe, expect, test } from "vitest";
import { planText, play } from "./planning.ts";

const PATH = ".github/workflows/called.yml";
const STEPS = "runs-on: x, steps: [{ run: x }]";

/** What each job gets, by its id, and why others do not start. */
async function modesOf(text: string, own: Readonly<Record<string, string>> = {}) {
  const { jobs } = await planText(`on: push\n${text}`, { own });
  const { legs, said } = play(jobs);
  return { modes: Object.fromEntries(legs.map(({ plan }) => [plan.job, plan.cacheMode])), said };
}

/** One job that calls one job, each level with its own word or none. */
function calling(caller: string, called: string) {
  const line = (level: string, word: string): string =>
    word === "" ? "" : `${level === "job" ? "" : "\n"}cache-mode: ${word}`;
  const [ofWorkflow = "", ofJob = ""] = caller.split("/");
  const [ofCalled = "", ofInner = ""] = called.split("/");
  return modesOf(
    `jobs: { c: { ${ofJob === "" ? "" : `${line("job", ofJob)}, `}uses: ./${PATH} } }${line("workflow", ofWorkflow)}`,
    {
      [PATH]: `on: workflow_call\njobs: { i: { ${ofInner === "" ? "" : `${line("job", ofInner)}, `}${STEPS} } }${line("workflow", ofCalled)}`,
    },
  );
}

describe("cache-mode of a plan", () => {
  test("the job's word goes before the workflow's; nobody's is left out", async () => {
    const jobs = `jobs: { a: { cache-mode: write-only, ${STEPS} }, b: { ${STEPS} } }`;
    expect((await modesOf(`cache-mode: read\n${jobs}`)).modes).toEqual({ a: "write-only", b: "read" });
    expect((await modesOf(jobs)).modes).toEqual({ a: "write-only", b: undefined });
  });

  test.each([
    ["/", "/", undefined],
    ["read/", "/", "read"],
    ["write/none", "/", "none"],
    ["/", "write/", "write"],
    ["/", "write/read", "read"],
    ["write/", "read/", "read"],
    ["none/write", "write-only/", "write-only"],
    ["write-only/", "/none", "none"],
    ["read/", "write/read", "read"],
  ])("a caller with %s and a called workflow with %s: %s", async (caller, called, mode) => {
    expect(await calling(caller, called)).toEqual({ modes: { "c / i": mode }, said: [] });
  });

  test.each([
    ["read/", "write/", "write", "read"],
    ["write/read", "/write-only", "write-only", "read"],
    ["none/", "/read", "read", "none"],
    ["write-only/", "write/", "write", "write-only"],
    ["write-only/", "read/", "read", "write-only"],
  ])("a caller with %s does not start a called workflow with %s", async (caller, called, asked, granted) => {
    const { modes, said } = await calling(caller, called);
    expect(modes).toEqual({});
    expect(said).toEqual([
      `c: ./${PATH} asks for \`cache-mode: ${asked}\` in its job \`i\`, and its caller grants \`${granted}\`.`,
    ]);
  });

  test("what a caller grants holds for workflows below the called one", async () => {
    const leaf = ".github/workflows/leaf.yml";
    const own = (word: string) => ({
      [PATH]: `on: workflow_call\njobs: { m: { uses: ./${leaf} } }`,
      [leaf]: `on: workflow_call\njobs: { l: { ${STEPS} } }${word}`,
    });
    const text = `cache-mode: read\njobs: { c: { uses: ./${PATH} } }`;
    expect((await modesOf(text, own(""))).modes).toEqual({ "c / m / l": "read" });
    const { modes, said } = await modesOf(text, own("\ncache-mode: write"));
    expect([modes, said.length, said[0]]).toEqual([
      {},
      1,
      expect.stringMatching(/^c \/ m: .*grants `read`/u),
    ]);
  });
});
