/** GitHub's protocols as the toolkit's clients speak them, by hand. */

export type Reply = { readonly status: number; readonly json: Record<string, unknown> };

export type Client = {
  readonly base: string;
  readonly token: string;
  /** The ids in the token's `scp`, as artifact clients take them. */
  readonly ids: {
    readonly workflow_run_backend_id: string;
    readonly workflow_job_run_backend_id: string;
  };
  twirp(method: string, fields: object, token?: string): Promise<Reply>;
  v1(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Reserve, upload in one piece, finalize; the reply of the first of them that is refused. */
  save(key: string, content: string, version?: string): Promise<Reply>;
  /** The key that matched and its content. */
  restore(
    key: string,
    restoreKeys?: readonly string[],
    version?: string,
  ): Promise<{ readonly key: string; readonly content: string } | undefined>;
  upload(name: string, content: string, more?: object): Promise<Reply>;
  download(name: string): Promise<Response>;
};

const SERVICES = "twirp/github.actions.results.api.v1";
export const VERSION = "a".repeat(64);

/** A client with the environment that steps have. */
export function createClient(env: Readonly<Record<string, string>>): Client {
  const base = env["ACTIONS_RESULTS_URL"] ?? "";
  const token = env["ACTIONS_RUNTIME_TOKEN"] ?? "";
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
    scp: string;
  };
  const [, runId = "", jobId = ""] = claims.scp.split(":");
  const ids = { workflow_run_backend_id: runId, workflow_job_run_backend_id: jobId };

  const twirp: Client["twirp"] = async (method, fields, as = token) => {
    const service = method.includes("Artifact") ? "ArtifactService" : "CacheService";
    const response = await fetch(`${base}${SERVICES}.${service}/${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };

  return {
    base,
    token,
    ids,
    twirp,
    v1: (method, path, body, headers = {}) =>
      fetch(`${env["ACTIONS_CACHE_URL"] ?? ""}_apis/artifactcache/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(typeof body === "object" ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async save(key, content, version = VERSION) {
      const reserved = await twirp("CreateCacheEntry", { key, version });
      if (reserved.status !== 200) return reserved;
      const put = await putBlob(String(reserved.json["signed_upload_url"]), content);
      if (put.status !== 201) return { status: put.status, json: {} };
      const sizeBytes = String(Buffer.byteLength(content));
      return twirp("FinalizeCacheEntryUpload", { key, version, size_bytes: sizeBytes });
    },
    async restore(key, restoreKeys = [], version = VERSION) {
      const found = await twirp("GetCacheEntryDownloadURL", { key, restore_keys: restoreKeys, version });
      if (found.json["ok"] !== true) return undefined;
      const got = await fetch(String(found.json["signed_download_url"]));
      return { key: String(found.json["matched_key"]), content: await got.text() };
    },
    async upload(name, content, more = {}) {
      const created = await twirp("CreateArtifact", { ...ids, name, version: 4, ...more });
      if (created.status !== 200) return created;
      const put = await putBlob(String(created.json["signed_upload_url"]), content);
      if (put.status !== 201) return { status: put.status, json: {} };
      return twirp("FinalizeArtifact", { ...ids, name, size: String(Buffer.byteLength(content)) });
    },
    async download(name) {
      const signed = await twirp("GetSignedArtifactURL", { ...ids, name });
      return fetch(String(signed.json["signed_url"]));
    },
  };
}

/** Put Blob. */
export function putBlob(url: string, content: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(url, { method: "PUT", body: content, headers: { "x-ms-blob-type": "BlockBlob" } });
}

/** Put Block. */
export function putBlock(
  url: string,
  id: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const query = `comp=block&blockid=${encodeURIComponent(btoa(id))}`;
  return fetch(`${url}&${query}`, { method: "PUT", body: content });
}

/** Put Block List. */
export function putBlockList(url: string, ids: readonly string[]): Promise<Response> {
  const blocks = ids.map((id) => `<Latest>${btoa(id)}</Latest>`).join("");
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks}</BlockList>`;
  return fetch(`${url}&comp=blocklist`, { method: "PUT", body });
}
