import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { AppError } from "../errors.ts";

const WITHIN_MS = 30_000;
const CODE = /^[A-Za-z0-9_-]{1,200}$/;

const createdSchema = z
  .object({
    id: z.number().int().positive(),
    slug: z.string(),
    html_url: z.url(),
    owner: z.object({ login: z.string() }),
    pem: z.string().min(1),
    webhook_secret: z.string().min(1),
    client_id: z.string().min(1),
    client_secret: z.string().min(1),
  })
  .transform((reply) => ({
    id: reply.id,
    slug: reply.slug,
    url: reply.html_url,
    owner: reply.owner.login,
    pem: reply.pem,
    webhookSecret: reply.webhook_secret,
    clientId: reply.client_id,
    clientSecret: reply.client_secret,
  }));

/** A new App with its secrets, which GitHub tells this once. */
export type CreatedApp = z.infer<typeof createdSchema>;

/**
 * Exchanges the code of the manifest flow for the App. GitHub takes a code once and within an hour: `bad_request` when it refuses it,
 * `github_failed` when it cannot be reached. Not repeated here: a second exchange of a code that worked would be refused.
 */
export async function convertManifest(apiUrl: string, code: string): Promise<CreatedApp> {
  if (!CODE.test(code)) throw refused();
  const quiet = () => {};
  // Its own lines would show the code, which stands in the address.
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const octokit = new Octokit({ baseUrl: apiUrl, userAgent: "crabbox-app", log });
  let data: unknown;
  try {
    ({ data } = await octokit.rest.apps.createFromManifest({
      code,
      request: { signal: AbortSignal.timeout(WITHIN_MS) },
    }));
  } catch (thrown) {
    const status = thrown instanceof Error && "status" in thrown ? Number(thrown.status) : 0;
    // The error carries the request, and with it the code.
    if (status === 404 || status === 422) throw refused();
    throw new AppError(
      "github_failed",
      `GitHub did not hand over the new App${status === 0 ? "" : ` (${status})`}.`,
      "Delete the half-made App on GitHub (Settings, Developer settings, GitHub Apps) and begin again.",
    );
  }
  const parsed = createdSchema.safeParse(data);
  if (!parsed.success) throw new AppError("github_failed", "GitHub's answer was not an App.", "Begin again.");
  return parsed.data;
}

function refused(): AppError {
  return new AppError(
    "bad_request",
    "GitHub does not take this code: it works once, and for an hour.",
    "Begin again at the first page of the set-up.",
  );
}
