/** github.actions.results.api.v1.ArtifactService (actions/toolkit packages/artifact/src/generated/results/api/v1/artifact.ts). */

import type { Answer } from "./answer.ts";
import { json } from "./answer.ts";
import type { OpenUploads } from "./open-uploads.ts";
import type { Fields } from "./request-body.ts";
import { sizeField, textField } from "./request-body.ts";
import type { Signer } from "./signed-url.ts";
import type { Artifact, ArtifactRun, Store } from "./store.ts";
import type { JobIdentity } from "./token.ts";
import type { TwirpMethod } from "./twirp.ts";
import { twirpError } from "./twirp.ts";

export type ArtifactDoorDeps = {
  readonly store: Store;
  readonly uploads: OpenUploads;
  readonly signer: Signer;
  readonly run: ArtifactRun;
  readonly identity: JobIdentity;
};

/** What a file name may have on any system, and what the client refuses (path-and-artifact-name-validation.ts there). */
const NAME = /^[^":<>|*?\r\n\\/\0]{1,260}$/u;
const NAME_MAX_LENGTH = 260;
const MIME_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:; ?charset=[\w-]{1,40})?$/u;
const SHA256 = /^sha256:([0-9a-f]{64})$/u;
const ID_MAX_LENGTH = 200;

/** The five methods, for one job: it writes as itself, and reads what all jobs of its run wrote. */
export function artifactMethods(deps: ArtifactDoorDeps): ReadonlyMap<string, TwirpMethod> {
  const { store, uploads, signer, run } = deps;
  const named = async (name: string): Promise<Artifact | undefined> =>
    (await store.listArtifacts(run)).find((artifact) => artifact.name === name);

  const create = async (fields: Fields, name: string): Promise<Answer> => {
    if ((await named(name)) !== undefined)
      return twirpError("already_exists", "an artifact with this name already exists on the workflow run");
    const mimeType = textField(fields, "mime_type", ID_MAX_LENGTH) ?? "";
    const expiresAt = Date.parse(textField(fields, "expires_at", ID_MAX_LENGTH) ?? "");
    const open = await uploads.begin(name, {
      kind: "artifact",
      ...(MIME_TYPE.test(mimeType) ? { mimeType } : {}),
      ...(Number.isSafeInteger(expiresAt) ? { expiresAt } : {}),
    });
    if (open === "taken") return twirpError("already_exists", "this artifact is being uploaded");
    if (open === "full") return twirpError("failed_precondition", "too many uploads are open");
    return json(200, { ok: true, signed_upload_url: signer.url({ of: "upload", id: open.id }) });
  };

  const finalize = async (fields: Fields, name: string): Promise<Answer> => {
    const sizeBytes = sizeField(fields, "size");
    const hash = textField(fields, "hash", ID_MAX_LENGTH);
    const sha256 = SHA256.exec(hash ?? "")?.[1];
    if (sizeBytes === undefined || (hash !== "" && sha256 === undefined))
      return twirpError("invalid_argument", "size or hash is wrong");
    const open = uploads.byName("artifact", name);
    if (open?.note.kind !== "artifact") return twirpError("not_found", "nothing was uploaded by this name");
    const { mimeType, expiresAt } = open.note;
    const made = {
      run,
      job: deps.identity.jobId,
      name,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(mimeType === undefined ? {} : { mimeType }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    const published = await store.publishArtifact(open.upload, made, sizeBytes);
    await uploads.end(open);
    if (published.ok) return json(200, { ok: true, artifact_id: String(published.entry.id) });
    if (published.why === "exists")
      return twirpError("already_exists", "an artifact with this name already exists on the workflow run");
    return twirpError("failed_precondition", `the artifact cannot be kept: ${published.why}`);
  };

  const list = async (fields: Fields): Promise<Answer> => {
    const name = textField(fields, "name_filter", NAME_MAX_LENGTH);
    const id = sizeField(fields, "id_filter");
    if (name === undefined || id === undefined) return twirpError("invalid_argument", "a filter is wrong");
    const artifacts = (await store.listArtifacts(run)).filter(
      (one) => (name === "" || one.name === name) && (id === 0 || one.id === id),
    );
    return json(200, { artifacts: artifacts.map((one) => described(deps, one)) });
  };

  const download = async (_: Fields, name: string): Promise<Answer> => {
    const artifact = await named(name);
    if (artifact === undefined) return twirpError("not_found", "this run has no such artifact");
    return json(200, { name, signed_url: signer.url({ of: "body", id: artifact.body }) });
  };

  const remove = async (_: Fields, name: string): Promise<Answer> => {
    const artifact = await store.deleteArtifact(run, name);
    if (artifact === undefined) return twirpError("not_found", "this run has no such artifact");
    return json(200, { ok: true, artifact_id: String(artifact.id) });
  };

  return new Map([
    ["CreateArtifact", guarded(deps, "own job, name", create)],
    ["FinalizeArtifact", guarded(deps, "own job, name", finalize)],
    ["ListArtifacts", guarded(deps, "nothing", list)],
    ["GetSignedArtifactURL", guarded(deps, "name", download)],
    ["DeleteArtifact", guarded(deps, "name", remove)],
  ]);
}

/** The ids of the request must be those of the token; a client says another job's to read what that one made. */
function guarded(
  { identity }: ArtifactDoorDeps,
  needs: "own job, name" | "name" | "nothing",
  method: (fields: Fields, name: string) => Promise<Answer>,
): TwirpMethod {
  return async (fields) => {
    const runId = textField(fields, "workflow_run_backend_id", ID_MAX_LENGTH);
    const jobId = textField(fields, "workflow_job_run_backend_id", ID_MAX_LENGTH);
    if (runId !== identity.runId || (needs === "own job, name" && jobId !== identity.jobId))
      return twirpError("permission_denied", "the token is for another run or job");
    const name = textField(fields, "name", NAME_MAX_LENGTH);
    if (name === undefined || (name !== "" && !isName(name)))
      return twirpError(
        "invalid_argument",
        "the name is too long or has characters that no file name may have",
      );
    return name === "" && needs !== "nothing"
      ? twirpError("invalid_argument", "the name is missing")
      : method(fields, name);
  };
}

function isName(name: string): boolean {
  return NAME.test(name) && name !== "." && name !== "..";
}

function described({ identity }: ArtifactDoorDeps, artifact: Artifact): object {
  return {
    workflow_run_backend_id: identity.runId,
    workflow_job_run_backend_id: artifact.job,
    database_id: String(artifact.id),
    name: artifact.name,
    size: String(artifact.sizeBytes),
    created_at: new Date(artifact.createdAt).toISOString(),
    digest: `sha256:${artifact.sha256}`,
  };
}
