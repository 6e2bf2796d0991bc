import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import type { Log as AppLog } from "../log.ts";

export type Rest = Octokit["rest"];

/** Headers and signal of one request, spread into the parameters of an Octokit method. */
export type RequestOptions = {
  readonly headers: Readonly<Record<string, string>>;
  readonly request: Readonly<Record<string, unknown>> & { readonly signal: AbortSignal };
};

export type Log = Pick<AppLog, "debug" | "info" | "warn" | "error">;

export type AppCredentials = {
  readonly appId: number;
  /** PEM, PKCS#1 or PKCS#8. */
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise Server; no trailing slash. */
  readonly apiUrl: string;
};

/** Octokit without any authentication of its own, and the hook that signs a request as the App. */
export type Wire = {
  readonly rest: Rest;
  readonly asApp: unknown;
};

const USER_AGENT = "crabbox-app";

/** The version of GitHub's REST API that our schemas were written against. */
const API_VERSION = "2022-11-28";

/**
 * Octokit as our edge uses it: no throttling and no retries of its own (call.ts and pacer.ts do both, per installation), and
 * tokens handed in per call, so that one client serves all installations.
 */
export function createWire(credentials: AppCredentials, log: Log): Wire {
  const quiet = () => {};
  const octokit = new Octokit({
    baseUrl: credentials.apiUrl,
    userAgent: USER_AGENT,
    // Octokit's own lines repeat what call.ts logs with its context.
    log: {
      debug: quiet,
      info: quiet,
      error: quiet,
      warn: (text: string) => log.warn({ octokit: text }, "octokit"),
    },
  });
  octokit.hook.before("request", (options) => {
    options.headers["x-github-api-version"] ??= API_VERSION;
  });
  const auth = createAppAuth({
    appId: credentials.appId,
    privateKey: credentials.privateKey,
    request: octokit.request,
  });
  return { rest: octokit.rest, asApp: auth["hook"] };
}
