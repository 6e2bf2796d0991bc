import { describe, expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import type { ActionSource } from "../../app/hydrate/action-source.ts";
import type { CommitFiles } from "../../app/hydrate/fingerprint.ts";
import { job, planned, setUpRoom } from "./set-up.ts";

const file = (path: string, sha: string) => ({ path, sha });

describe("the fingerprint", () => {
  const of = async (steps: string, run = {}) => {
    const { phase } = planned(await setUpRoom([job(steps)]).plan(run));
    return phase.fingerprint;
  };

  it("is the same for the next commit of the pull request, and another for other steps", async () => {
    const first = await of("      - run: make a\n");
    expect(await of("      - run: make a\n", { checkoutSha: "c".repeat(40), headSha: "c".repeat(40) })).toBe(
      first,
    );
    expect(await of("      - run: make b\n")).not.toBe(first);
  });

  it("is another one when a lock file of the commit is, and the same for any other file", async () => {
    const asked: string[] = [];
    const commits: Record<string, CommitFiles> = {
      a: { kind: "all", files: [file("web/package-lock.json", "1"), file("src/a.ts", "1")] },
      b: { kind: "all", files: [file("web/package-lock.json", "1"), file("src/a.ts", "2"), file("b", "1")] },
      c: { kind: "all", files: [file("web/package-lock.json", "2"), file("src/a.ts", "1")] },
      d: { kind: "all", files: [file("src/a.ts", "1")] },
      e: { kind: "part" },
      f: { kind: "part" },
      g: { kind: "gone" },
    };
    const { plan } = setUpRoom(
      [job("      - run: npm ci\n")],
      {},
      {
        async files(_repository, sha) {
          asked.push(sha);
          return commits[sha] ?? { kind: "gone" };
        },
      },
    );
    const found: Record<string, string> = {};
    for (const sha of [...Object.keys(commits), "a"])
      found[sha] = planned(await plan({ checkoutSha: sha })).phase.fingerprint;
    expect(found["b"]).toBe(found["a"]);
    expect(new Set(Object.values(found)).size).toBe(6);
    expect(asked).toEqual(Object.keys(commits));
  });
});

describe("actions", () => {
  const uses = job("      - uses: acme/tool@v1\n      - run: npm test\n");

  it("that nobody can be asked for now are an outage, thrown and not remembered", async () => {
    const away = new AppError("github_failed", "acme/tool cannot be reached: no route.", "Wait.");
    const faults: unknown[] = [];
    const source: ActionSource = {
      async resolve() {
        const fault = faults.shift();
        if (fault !== undefined) throw fault;
        return { kind: "commit", sha: "d".repeat(40) };
      },
      file: async () => "name: t\nruns: { using: node24, main: i.js }\n",
      unpack: async () => undefined,
    };
    const packed: unknown[] = [];
    const { plan } = setUpRoom(
      [uses],
      {},
      {
        source,
        async pack({ archive }) {
          const fault = packed.shift();
          if (fault !== undefined) throw fault;
          return { archive, sha256: "c".repeat(64), sizeBytes: 1 };
        },
      },
    );
    faults.push(away);
    await expect(plan()).rejects.toBe(away);
    packed.push(away);
    await expect(plan()).rejects.toBe(away);
    packed.push(new AppError("action_unusable", "It cannot be packed.", "Look."));
    expect(await plan()).toMatchObject({ kind: "refused", reason: "It cannot be packed" });
    expect(await plan()).toMatchObject({ kind: "plan" });
  });

  it("that are not needed, because checkout is answered, hold nothing up", async () => {
    const source: ActionSource = {
      async resolve(nwo) {
        throw new AppError("github_failed", `${nwo} cannot be reached: no answer.`, "Wait.");
      },
      file: async () => null,
      unpack: async () => undefined,
    };
    const checkout = job("      - uses: actions/checkout@v6\n      - run: make\n");
    expect(planned(await setUpRoom([checkout], {}, { source }).plan()).phase.archives).toEqual([]);
    await expect(setUpRoom([uses], {}, { source }).plan()).rejects.toMatchObject({ code: "github_failed" });
  });
});
