import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";

import { createArtifactQuota } from "../../../runner-bootstrap/boxd/artifacts/quota.ts";
import { carryArtifacts } from "../../../runner-bootstrap/boxd/steps/services/carry-artifacts.ts";
import type { Artifact } from "../../../runner-bootstrap/boxd/steps/services/store.ts";

let into: string;
beforeEach(() => {
  into = mkdtempSync(join(tmpdir(), "carry-"));
});
afterEach(() => rmSync(into, { recursive: true, force: true }));

it("an upload whose content is gone is named, and those after it come all the same", async () => {
  const of = (name: string): Artifact =>
    ({ name, body: name, sizeBytes: 3, createdAt: 0, expiresAt: 1_000 }) as unknown as Artifact;
  const said: object[] = [];
  const quota = createArtifactQuota(7);
  await carryArtifacts({
    store: {
      listArtifacts: async () => [of("first"), of("gone"), of("last"), of("more")],
      openBody: async (body) =>
        body === "gone"
          ? undefined
          : {
              sizeBytes: 3,
              createdAt: 0,
              read: () => Readable.from([Buffer.from(body.slice(0, 3))]),
            },
    },
    run: { repository: "acme/shop", run: "1" },
    into,
    wanted: { patterns: [], fileMaxBytes: 10, runMaxBytes: 100, filesMax: 10 },
    quota,
    tell: (event) => void said.push(event),
  });
  expect(said).toMatchObject([
    { e: "artifact", name: "first.zip" },
    { e: "note", text: expect.stringContaining("The artifact gone stays on the box") },
    { e: "artifact", name: "last.zip" },
    { e: "note", text: expect.stringContaining("The artifact more stays on the box") },
  ]);
  // What they had is not to be had again by the tree's files, and what stays behind is told with them.
  expect(quota.leftBytes).toBe(1);
  expect(quota.left).toHaveLength(2);
  for (const event of said)
    if ("sha256" in event) expect(existsSync(join(into, String(event.sha256)))).toBe(true);
});
