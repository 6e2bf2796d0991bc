/** What steps uploaded goes to the App when their task's services close. */

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";

import type { ArtifactEvent, WantedArtifacts } from "../../artifact-wire.ts";
import { isOddName, shownName } from "../../artifacts/odd-names.ts";
import type { ArtifactQuota } from "../../artifacts/quota.ts";
import { isDiskFull } from "../../claim.ts";
import type { Artifact, ArtifactRun, Store } from "./store.ts";

export type CarryDeps = {
  readonly store: Pick<Store, "listArtifacts" | "openBody">;
  readonly run: ArtifactRun;
  /** Where blobs for the App lie; made when it is missing. */
  readonly into: string;
  /** Undefined: nothing is wanted. */
  readonly wanted: WantedArtifacts | undefined;
  readonly quota: ArtifactQuota;
  readonly tell: (event: ArtifactEvent | { readonly e: "note"; readonly text: string }) => void;
};

/** As the App takes them (app/artifacts/traffic.ts). */
const CARRIED_MAX = 50;
const ZIP = "application/zip";

/** Copies each artifact under its hash and tells of it, oldest first; one that is not carried is noted. Never throws. */
export async function carryArtifacts({ store, run, into, wanted, quota, tell }: CarryDeps): Promise<void> {
  if (wanted === undefined) return;
  const leave = ({ name }: Artifact, why: string): void => {
    const text = `The artifact ${shownName(name)} stays on the box and goes with it: ${why}.`;
    quota.leave(text);
    tell({ e: "note", text });
  };
  try {
    for (const [at, artifact] of (await store.listArtifacts(run)).entries()) {
      const { sizeBytes } = artifact;
      if (at >= CARRIED_MAX) leave(artifact, `the App takes ${CARRIED_MAX}`);
      else if (isOddName(fileName(artifact)))
        leave(artifact, "names with control or format characters are not kept");
      else if (sizeBytes > wanted.fileMaxBytes) leave(artifact, "it is larger than the App takes");
      else if (sizeBytes > quota.leftBytes)
        leave(artifact, "it is more than a run's artifacts may have together");
      else {
        const sha256 = await copy(store, artifact, into).catch((error: unknown) => error);
        if (typeof sha256 !== "string") {
          leave(artifact, isDiskFull(sha256) ? "the box's disk is full" : String(sha256));
          continue;
        }
        quota.take(sizeBytes);
        const keepMs = Math.max(0, artifact.expiresAt - artifact.createdAt);
        tell({ e: "artifact", from: "action", name: fileName(artifact), sha256, sizeBytes, keepMs });
      }
    }
  } catch (error) {
    tell({ e: "note", text: `Artifacts of steps were not carried: ${String(error)}.` });
  }
}

/** Its own hash counts, not the one that the store remembers: steps may be able to reach its files. */
async function copy(store: Pick<Store, "openBody">, artifact: Artifact, into: string): Promise<string> {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const body = await store.openBody(artifact.body);
  if (body === undefined || body.sizeBytes !== artifact.sizeBytes)
    throw new Error(`${artifact.name} is gone`);
  const temporary = join(into, `.action.${process.pid}`);
  const target = await open(temporary, "w", 0o600);
  const hash = createHash("sha256");
  try {
    const content: Readable | [] = body.sizeBytes === 0 ? [] : body.read(0, body.sizeBytes - 1);
    for await (const chunk of content as AsyncIterable<Buffer>) {
      hash.update(chunk);
      await target.writeFile(chunk);
    }
    const sha256 = hash.digest("hex");
    await rename(temporary, join(into, sha256));
    return sha256;
  } finally {
    await target.close();
    await rm(temporary, { force: true });
  }
}

/** GitHub hands a zip out under the artifact's name; what has a type of its own is the file itself. */
function fileName({ name, mimeType = ZIP }: Artifact): string {
  return mimeType === ZIP && !name.toLowerCase().endsWith(".zip") ? `${name}.zip` : name;
}
