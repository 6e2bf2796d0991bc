/** An action that speaks the cache protocol as `@actions/cache` does, without any package. */

const MAIN = `const { appendFileSync } = require("node:fs");
const { ACTIONS_RESULTS_URL: base, ACTIONS_RUNTIME_TOKEN: token, ACTIONS_CACHE_SERVICE_V2: v2 } = process.env;
const { INPUT_KEY: key, INPUT_SAVE: save, INPUT_PATHS: paths, INPUT_SAY: say } = process.env;
const version = require("node:crypto").createHash("sha256").update(paths).digest("hex");
const call = async (method, fields) => {
  const response = await fetch(base + "twirp/github.actions.results.api.v1.CacheService/" + method, {
    method: "POST",
    headers: { authorization: "Bearer " + token, "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  return response.json();
};
(async () => {
  const asked = { key, restore_keys: [key.split("-")[0]], version, metadata: { scope: "refs/heads/main" } };
  const found = await call("GetCacheEntryDownloadURL", asked);
  const text = found.ok ? await (await fetch(found.signed_download_url)).text() : "nothing";
  appendFileSync(process.env.GITHUB_ENV, say + "=" + (found.matched_key ?? "") + ":" + text + "\\nV2=" + v2 + "\\n");
  if (found.ok && found.matched_key === key) return;
  // What a hostile step would say of the scope goes unheard.
  const made = await call("CreateCacheEntry", { key, version, metadata: { scope: "refs/heads/main", repository_id: 1 } });
  if (!made.ok) return;
  const body = Buffer.from(save);
  await fetch(made.signed_upload_url, { method: "PUT", body, headers: { "x-ms-blob-type": "BlockBlob" } });
  await call("FinalizeCacheEntryUpload", { key, version, size_bytes: String(body.length) });
})();
`;

/**
 * The action's files in a repository, used as `./.github/actions/cache`: it leaves `CACHED=KEY:CONTENT` (or another name, by
 * `say`) for the command. `paths` make the entry's version, as those of `actions/cache` do.
 */
export const CACHE_ACTION = {
  ".github/actions/cache/action.yml":
    "name: cache\ninputs: { key: { required: true }, save: { required: true }, paths: { default: deps }, say: { default: CACHED } }\nruns: { using: node24, main: main.js }\n",
  ".github/actions/cache/main.js": MAIN,
};

/** A workflow whose hydration restores `key`, and saves `save` under it when there was no such entry. */
export function cachingWorkflow(key: string, save: string): string {
  return `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: ./.github/actions/cache
        with: { key: "${key}", save: "${save}" }
`;
}

/** What the hydration found, as the check's text shows it. */
export const SAY_CACHED = 'echo "[$CACHED $V2]"';
