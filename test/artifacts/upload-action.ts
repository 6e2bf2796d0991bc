/** An action that speaks the artifact protocol as `@actions/artifact` does, without any package. */

const MAIN = `const { createHash } = require("node:crypto");
const { ACTIONS_RESULTS_URL: base, ACTIONS_RUNTIME_TOKEN: token } = process.env;
const { INPUT_NAME: name, INPUT_TEXT: text, "INPUT_RETENTION-DAYS": days } = process.env;
const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const [, run, job] = claims.scp.split(":");
const ids = { workflow_run_backend_id: run, workflow_job_run_backend_id: job, name };
const call = async (method, fields) => {
  const response = await fetch(base + "twirp/github.actions.results.api.v1.ArtifactService/" + method, {
    method: "POST",
    headers: { authorization: "Bearer " + token, "content-type": "application/json" },
    body: JSON.stringify({ ...ids, ...fields }),
  });
  if (!response.ok) throw new Error(method + " " + (await response.text()));
  return response.json();
};
(async () => {
  const expires_at = days ? new Date(Date.now() + days * 86400000).toISOString() : undefined;
  const made = await call("CreateArtifact", { version: 4, ...(expires_at ? { expires_at } : {}) });
  const body = Buffer.from(text);
  await fetch(made.signed_upload_url, { method: "PUT", body, headers: { "x-ms-blob-type": "BlockBlob" } });
  const hash = "sha256:" + createHash("sha256").update(body).digest("hex");
  await call("FinalizeArtifact", { size: String(body.length), hash });
})().catch((error) => { console.error(error); process.exitCode = 1; });
`;

/** The action's files in a repository, used as `./.github/actions/upload`. */
export const UPLOAD_ACTION = {
  ".github/actions/upload/action.yml":
    "name: upload\ninputs: { name: { required: true }, text: { required: true }, retention-days: { default: '' } }\nruns: { using: node24, main: main.js }\n",
  ".github/actions/upload/main.js": MAIN,
};
