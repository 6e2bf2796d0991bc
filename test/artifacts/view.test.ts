import { expect, it } from "vitest";
import { artifactNotes, artifactsView } from "../../app/artifacts/artifacts-view.ts";
import { advance, startProgress } from "../../app/runs/progress.ts";
import type { Artifact } from "../../app/store/artifact-rows.ts";
import type { Attempt } from "../../app/store/rows.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { contentOf } from "./room.ts";

const ID = "att_last" as Attempt["id"];
const uploaded = (name: string): TaskEvent => ({ e: "artifact", from: "action", name, ...contentOf(name) });
const artifact = (origin: "tree" | "action", name: string, attemptId = ID) =>
  ({ id: 1, attemptId, origin, name, ...contentOf(name) }) as Artifact;

/** An attempt as the row is after these events. */
function attemptOf(...events: readonly TaskEvent[]): Attempt {
  const whole: readonly TaskEvent[] = [{ e: "phase", name: "hydrate", at: "begin" }, ...events];
  const { phases } = whole.reduce((progress, event) => advance(progress, event, 1), startProgress({}, false));
  return { id: ID, phases } as unknown as Attempt;
}

it("an upload that the box told and the App does not have is named in the check and on the page", () => {
  const attempt = attemptOf(uploaded("dist.zip"), uploaded("gone.zip"), uploaded("gone.zip"));
  const notes = artifactNotes([artifact("action", "dist.zip")], attempt);
  expect(notes).toEqual([
    expect.stringMatching(/^Uploaded by steps, and not here: gone\.zip: .*Run it again/u),
  ]);
  // Also when nothing came at all.
  expect(artifactsView([], attempt, null)).toMatchObject({
    what: "none.",
    notes: [expect.stringContaining("dist.zip, gone.zip") as string],
  });
  expect(artifactNotes([artifact("action", "dist.zip"), artifact("action", "gone.zip")], attempt)).toEqual(
    [],
  );
});

it("a long list of them is cut, and what a box tells without end is not kept", () => {
  const many = attemptOf(...Array.from({ length: 200 }, (_, n) => uploaded(`${n}.zip`)));
  expect(many.phases.hydrate?.uploads).toHaveLength(50);
  expect(artifactNotes([], many)[0]).toContain("4.zip and 45 more");
});

it("what an earlier attempt left does not stand for what this one lost", () => {
  const attempt = attemptOf(
    { e: "phase", name: "collect", at: "begin" },
    { e: "artifacts", kept: 2, notes: ["a sentence of the box"] },
  );
  const first = "att_first" as Attempt["id"];
  const artifacts = [artifact("tree", "a"), artifact("tree", "a", first), artifact("tree", "b", first)];
  expect(artifactNotes(artifacts, attempt)).toEqual([
    expect.stringMatching(/^1 of 2 files of the work tree are not here/u),
    "a sentence of the box",
  ]);
});
