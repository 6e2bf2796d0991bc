import { afterAll, beforeAll, expect, it } from "vitest";
import type { Following } from "../boxd/box.ts";
import { makeHydrateStage, phaseOf, type HydrateStage } from "../boxd/hydrate-stage.ts";
import { run, uses } from "../hydrate/engine/plans.ts";
import { until } from "../servers/until.ts";
import { contentOf, DAY_MS } from "./room.ts";
import { UPLOAD_ACTION } from "./upload-action.ts";

const UPLOAD = "./.github/actions/upload";
const LOCAL = { name: UPLOAD, source: { kind: "workspace", path: UPLOAD }, definition: null } as const;
const WANTED = { patterns: ["out"], fileMaxBytes: 20, runMaxBytes: 100, filesMax: 10 };
const CACHES = { scopes: [{ ref: "refs/heads/main", entries: [] }], entryMaxBytes: 0 };

let stage: HydrateStage;
beforeAll(async () => {
  stage = await makeHydrateStage(UPLOAD_ACTION);
});
afterAll(async () => stage.close());

const told = (front: Following) =>
  front.events().filter(({ e }) => e === "artifact" || e === "artifacts" || e === "box");
const upload = (name: string, text: string, days = "") =>
  uses(UPLOAD, { name, text, "retention-days": days }, { name });

it("what steps uploaded is told when their services close, then the files of the tree; blobs are there until the next task", async () => {
  const steps = [
    upload("dist", "zipped", "2"),
    upload("plain.zip", "other"),
    upload("large", "x".repeat(21)),
  ];
  const hydrate = phaseOf("a", steps, { actions: { [UPLOAD]: LOCAL } });
  const front = stage.box.start(
    stage.task({ line: "mkdir out; printf tree > out/file", hydrate, artifacts: WANTED, caches: CACHES }),
  );
  await front.done;
  expect(front.exit()).toMatchObject({ code: 0 });
  const [dist, ...rest] = told(front);
  expect(dist).toMatchObject({ e: "artifact", from: "action", name: "dist.zip", ...contentOf("zipped") });
  const keepMs = dist?.e === "artifact" ? (dist.keepMs ?? 0) : 0;
  expect(Math.round(keepMs / DAY_MS)).toBe(2);
  expect(rest).toMatchObject([
    { e: "artifact", from: "action", name: "plain.zip", ...contentOf("other") },
    { e: "artifact", from: "tree", name: "out/file", ...contentOf("tree") },
    { e: "artifacts", kept: 1, notes: [expect.stringContaining("The artifact large stays on the box")] },
  ]);
  const notes = front.events().flatMap((event) => (event.e === "note" ? [event.text] : []));
  expect(notes.join("\n")).toContain("The artifact large stays on the box");
  const blob = () => stage.box.run(["get-blob", contentOf("zipped").sha256]);
  expect(blob()).toMatchObject({ code: 0, stdout: "zipped" });
  const next = stage.box.start(stage.task({ line: "true" }));
  await next.done;
  expect(blob()).toMatchObject({ code: 96 });
});

it("a set-up that fails tells which upload stays behind, and takes nothing of the tree", async () => {
  const steps = [upload("large", "x".repeat(21)), run("mkdir out; echo x > out/file; false")];
  const hydrate = phaseOf("b", steps, { actions: { [UPLOAD]: LOCAL } });
  const front = stage.box.start(stage.task({ line: "true", hydrate, artifacts: WANTED, caches: CACHES }));
  await front.done;
  expect(front.exit()).toMatchObject({ why: "hydrate_failed", executed: false });
  const notes = [expect.stringContaining("The artifact large stays on the box")];
  expect(told(front).filter(({ e }) => e !== "box")).toEqual([{ e: "artifacts", kept: 0, notes }]);
});

it("a command at its deadline leaves its files, and the names of its environment; a cancelled one no files", async () => {
  for (const [op, kept] of [
    [
      ["extend", () => `${JSON.stringify({ deadlineAt: Date.now() })}\n`],
      ["artifact", "artifacts", "box"],
    ],
    [["cancel", () => `${JSON.stringify({ by: "somebody" })}\n`], ["box"]],
  ] as const) {
    const line = "mkdir -p out; echo x > out/x; export INNER=1; echo there; sleep 600";
    const env = { SERVER_SAYS: "a-value" };
    const task = stage.task({ line, artifacts: WANTED, env });
    const front = stage.box.start(task);
    await until(() => front.output().includes("there"), "the command's output");
    const [name, input] = op;
    stage.box.run([name, task.id], input());
    await front.done;
    const events = told(front);
    expect(events.map(({ e }) => e)).toEqual(kept);
    const box = events.find((event) => event.e === "box");
    expect(box?.names).toContain("SERVER_SAYS");
    expect(box?.os).not.toBe("");
    expect(JSON.stringify(box)).not.toContain("a-value");
  }
});
