import pino from "pino";
import { createGitHub } from "../../app/github/client.ts";
import type { GitHub, GitHubOptions } from "../../app/github/client.ts";
import type { RepositoryRef } from "../../app/github/hub.ts";
import { createSystemClock } from "../../app/clock.ts";
import { openStage } from "../offline-github/stage.ts";
import type { Stage } from "../offline-github/stage.ts";

export type Edge = {
  readonly stage: Stage;
  readonly github: GitHub;
  readonly repository: RepositoryRef;
  /** What was called, in order, with how each try ended. */
  readonly calls: { readonly what: string; readonly outcome: string }[];
  readonly stop: () => Promise<void>;
};

export const QUIET = pino({ level: "silent" });

/** Our client against an offline GitHub with acme/widgets. */
export async function openEdge(options: Partial<GitHubOptions> = {}): Promise<Edge> {
  const stage = await openStage();
  const calls: Edge["calls"] = [];
  const github = clientOf(stage, { onCall: (seen) => calls.push(seen), ...options });
  return {
    stage,
    github,
    repository: { installationId: stage.installationId, owner: "acme", name: "widgets" },
    calls,
    async stop() {
      github.close();
      await stage.stop();
    },
  };
}

/** A further client with its own caches, as another process of the App would have. */
export function clientOf(stage: Stage, options: Partial<GitHubOptions> = {}): GitHub {
  return createGitHub({
    appId: stage.github.appId,
    privateKey: stage.github.privateKeyPem,
    apiUrl: stage.github.apiUrl,
    clock: createSystemClock(),
    log: QUIET,
    ...options,
  });
}
