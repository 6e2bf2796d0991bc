import { Probot, ProbotOctokit } from "probot";
import type { Log } from "../log.ts";

export type ReceiverDeps = {
  readonly appId: number;
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly apiUrl: string;
  readonly log: Log;
  /** One thin handler per event. */
  readonly registerHandlers: (probot: Probot) => void;
};

export type WebhookEvent = { readonly id: string; readonly name: string; readonly payload: unknown };

/** Hands an event to all its handlers and waits for them; rejects when any of them failed, without the payload. Unknown events do nothing. */
export type Receive = (event: WebhookEvent) => Promise<void>;

/**
 * Probot, for its events alone: our door has proved the signature and stored the delivery before. Its own client is never used
 * (`context.octokit` is banned by the linter), so its throttle and its retries are off.
 */
export async function createReceiver(deps: ReceiverDeps): Promise<Receive> {
  const probot = new Probot({
    appId: deps.appId,
    privateKey: deps.privateKey,
    // Probot falls back to a well-known secret when there is none; ours is demanded by the settings.
    secret: deps.webhookSecret,
    baseUrl: deps.apiUrl,
    // Failures of handlers come back from `receive`; Probot would log them a second time, payload and all.
    log: deps.log.child({}, { level: "fatal" }),
    Octokit: ProbotOctokit.defaults((options: { readonly throttle?: object }) => ({
      ...options,
      throttle: { ...options.throttle, enabled: false },
      retry: { enabled: false },
    })),
  });
  await probot.ready();
  deps.registerHandlers(probot);
  return async (event) => {
    try {
      await probot.receive(event as Parameters<typeof probot.receive>[0]);
    } catch (thrown) {
      forgetEvent(thrown);
      throw thrown;
    }
  };
}

/** octokit hangs the event, payload and all, onto each error; errors are logged, payloads never. */
function forgetEvent(thrown: unknown): void {
  const errors: readonly unknown[] = thrown instanceof AggregateError ? [thrown, ...thrown.errors] : [thrown];
  for (const error of errors) if (error instanceof Error) Reflect.deleteProperty(error, "event");
}
