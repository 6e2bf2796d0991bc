import { Probot } from "probot";
import { registerHandlers, type WebhookDeps } from "../../app/webhooks/register.ts";

/** The sender and the repository of every payload here. */
const OWNER = { id: 7, login: "octo", type: "Organization" };
const MONA = { id: 33, login: "mona", type: "User" };
export const COMMON = {
  installation: { id: 70 },
  sender: MONA,
  repository: { id: 77, name: "shop", private: false, default_branch: "main", owner: OWNER },
};

/** Hands one event to a real Probot with our handlers, as intake does after it stored the delivery. */
export function createPost(deps: WebhookDeps): (name: string, id: string, payload: object) => Promise<void> {
  const probot = new Probot({ githubToken: "unused", secret: "not used by receive", logLevel: "fatal" });
  registerHandlers(probot, deps);
  return (name, id, payload) => probot.receive({ name, id, payload } as Parameters<Probot["receive"]>[0]);
}

/** `issue_comment.created` on pull request 5. */
export function commentPayload(body: string, createdAt: number, change: object = {}): object {
  return {
    ...COMMON,
    action: "created",
    issue: { number: 5, pull_request: { url: "x" }, user: MONA },
    comment: {
      id: 900,
      body,
      user: MONA,
      created_at: new Date(createdAt).toISOString(),
      performed_via_github_app: null,
    },
    ...change,
  };
}

/** `pull_request` events of pull request 5. */
export function pullPayload(action: string, pull: object, more: object = {}): object {
  return { ...COMMON, action, number: 5, pull_request: { number: 5, ...pull }, ...more };
}

export function installationPayload(action: string, more: object = {}): object {
  return { action, installation: { id: 70, account: OWNER }, sender: MONA, ...more };
}
