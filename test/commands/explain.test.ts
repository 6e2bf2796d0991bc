import { describe, expect, it } from "vitest";
import { explain } from "../../app/commands/verbs/explain.ts";
import type { CommandContext, CommandDeps } from "../../app/commands/command.ts";
import { readFlags } from "../../app/commands/flags.ts";
import type { HydrationRun } from "../../app/hydrate/hydrate-plan.ts";
import type { Repository } from "../../app/store/rows.ts";
import { BASE, job, setUpRoom, workflow } from "../hydrate/set-up.ts";

const HEAD = "a".repeat(40);

/** The answer to a comment in a repository with these workflows; `file` is its `.github/crabbox.yml`. */
async function answer(typed: string, files: readonly ReturnType<typeof workflow>[], file = {}) {
  const flags = readFlags(typed.split(" ").slice(1), explain.flags);
  if (!flags.ok) throw new Error(flags.message);
  const parsed = explain.parse({ flags: flags.flags, words: flags.words, command: null });
  if (!parsed.ok) return { ok: false, body: parsed.message };
  const { plan } = setUpRoom(files);
  const deps = { ids: { run: () => "run_1" }, hydration: (run: HydrationRun) => plan(run) };
  const context = {
    repository: { id: 1 } as Repository,
    pullRequest: { number: 3, baseRef: "main", headRef: "change", headSha: HEAD },
    actor: { id: 1, login: "wanda" },
    file,
    baseTip: async () => BASE,
  };
  return parsed.handle(deps as unknown as CommandDeps, context as unknown as CommandContext);
}

const CI = workflow(
  "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v6\n      - name: a | b\n        run: npm ci\n      - if: false\n        run: x\n      - run: npm test\n",
);

describe("/crabbox explain", () => {
  it("shows each step, what is answered and skipped, and where it ends and why", async () => {
    const { ok, body } = await answer("explain --job test", [CI]);
    expect(ok).toBe(true);
    expect(body).toMatch(/^\| 1 \| .*checkout.* \| answered/mu);
    expect(body).toMatch(/^\| 2 \| <code>a &#124; b<\/code> \| run \| runs \|$/mu);
    expect(body).toMatch(/^\| 3 \| .* \| run \| skipped/mu);
    expect(body).not.toMatch(/^\| 4 \|/mu);
    expect(body).toContain("npm test");
  });

  it("takes the job that crabbox.yml names, and a comment's before it", async () => {
    const files = [CI, job("      - run: make\n", "", ".github/workflows/h.yml")];
    const file = { hydrate: { job: "test" } };
    expect((await answer("explain", files, file)).body).toContain("ci.yml");
    expect((await answer("explain --job hydrate", files, file)).body).toContain("h.yml");
    expect((await answer("explain", files)).body).toContain("h.yml");
  });

  it("shows a combination, and what runs first when the jobs it needs may", async () => {
    const files = [
      workflow(
        "on: push\njobs:\n  first:\n    runs-on: x\n    steps: [{ run: x }]\n  test:\n    needs: first\n    runs-on: x\n    strategy: { matrix: { n: [1, 2] } }\n    steps: [{ run: make }]\n",
      ),
    ];
    const told = await answer("explain --job test --needs --matrix n=2", files);
    expect(told.body).toMatch(/First, on the same box, what it needs: .*first/u);
    expect(told.body).toMatch(/^\| 1 \| .*make/mu);
    const refused = await answer("explain --job test --needs --matrix n=3", files);
    expect(refused).toMatchObject({ ok: false, body: expect.stringMatching(/1.*, .*2/u) });
    expect(await answer("explain --job test", files)).toMatchObject({
      ok: false,
      body: expect.stringContaining("--needs"),
    });
  });

  it("says that nothing prepares the box, and what would end a run", async () => {
    expect(await answer("explain", [CI])).toMatchObject({
      ok: true,
      body: expect.stringContaining("Nothing prepares"),
    });
    expect(await answer("explain --job tset", [CI])).toMatchObject({
      ok: false,
      body: expect.stringContaining("hydrate_failed"),
    });
  });

  it("refuses stray words and names without end", async () => {
    expect(await answer("explain it", [CI])).toMatchObject({
      ok: false,
      body: expect.stringContaining("--job"),
    });
    expect(await answer(`explain --job ${"x".repeat(201)}`, [CI])).toMatchObject({
      ok: false,
      body: expect.stringContaining("at most 200"),
    });
  });
});
