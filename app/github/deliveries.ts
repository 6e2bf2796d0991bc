import { z } from "zod";
import { read, write } from "./call.ts";
import type { Reply } from "./call.ts";
import type { Hub } from "./hub.ts";

/** Delivery ids are 64 bit; Octokit reads those beyond 2^53 as bigint, which its routes print just as well as a number. */
const idSchema = z.custom<number>((value) => typeof value === "number" || typeof value === "bigint");

const attemptSchema = z
  .object({
    id: idSchema,
    guid: z.string().min(1),
    delivered_at: z.iso.datetime({ offset: true }),
    status_code: z.number(),
    event: z.string(),
    action: z.string().nullable(),
    installation_id: z.number().nullable(),
  })
  .transform((reply) => ({
    id: reply.id,
    guid: reply.guid,
    deliveredAt: Date.parse(reply.delivered_at),
    /** GitHub's own scale: 200 to 399 is success. */
    delivered: reply.status_code >= 200 && reply.status_code < 400,
    /** Our answer; 0 when there was none. */
    statusCode: reply.status_code,
    event: reply.event,
    action: reply.action,
    installationId: reply.installation_id,
  }));

/** One attempt of GitHub to deliver an event to us. Attempts of one event share its GUID. */
export type DeliveryAttempt = Readonly<z.infer<typeof attemptSchema>>;

export type DeliveryPayload = {
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  /** The payload as JSON text; null when GitHub no longer keeps it. */
  readonly body: string | null;
};

export type HookDeliveries = {
  /** Attempts since `since` (epoch ms), newest first. GitHub keeps them for a few days. */
  listSince(since: number, signal?: AbortSignal): Promise<readonly DeliveryAttempt[]>;
  payload(id: number, signal?: AbortSignal): Promise<DeliveryPayload>;
  /** Asks GitHub to deliver the event once more, under the same GUID. */
  requestAttempt(id: number, signal?: AbortSignal): Promise<void>;
};

/** GitHub's page size limit. */
const PAGE_SIZE = 100;
/** 50,000 attempts, the newest; in memory at once, so there is an end. */
const MAX_PAGES = 500;

const payloadSchema = z.object({
  event: z.string(),
  action: z.string().nullable(),
  installation_id: z.number().nullable(),
  request: z.object({ payload: z.record(z.string(), z.unknown()).nullable() }),
});

/** GitHub's own record of what it sent to this App; asked as the App. */
export function createHookDeliveries(hub: Hub): HookDeliveries {
  return {
    async listSince(since, signal) {
      const all: DeliveryAttempt[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const reply = await listPage(hub, cursor, signal);
        all.push(...reply.attempts.filter((attempt) => attempt.deliveredAt >= since));
        cursor = reply.next;
        if (cursor === null || reply.attempts.some((attempt) => attempt.deliveredAt < since)) break;
      }
      return all;
    },
    async payload(id, signal) {
      const reply = await read(hub.calls, {
        what: "read webhook delivery",
        caller: { as: "app" },
        reply: payloadSchema,
        signal,
        send: (rest, options) => rest.apps.getWebhookDelivery({ delivery_id: id, ...options }),
      });
      const { payload } = reply.request;
      return {
        event: reply.event,
        action: reply.action,
        installationId: reply.installation_id,
        body: payload === null ? null : JSON.stringify(payload, withoutBigints),
      };
    },
    async requestAttempt(id, signal) {
      // A second attempt brings the same GUID, which does nothing twice: safe to repeat.
      await write(hub.calls, {
        what: "request webhook redelivery",
        caller: { as: "app" },
        reply: z.unknown(),
        signal,
        send: (rest, options) => rest.apps.redeliverWebhookDelivery({ delivery_id: id, ...options }),
      });
    },
  };
}

async function listPage(
  hub: Hub,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<{ readonly attempts: readonly DeliveryAttempt[]; readonly next: string | null }> {
  let next: string | null = null;
  const attempts = await read(hub.calls, {
    what: "list webhook deliveries",
    caller: { as: "app" },
    reply: z.array(attemptSchema),
    signal,
    send: async (rest, options) => {
      const reply = await rest.apps.listWebhookDeliveries({
        per_page: PAGE_SIZE,
        ...(cursor === null ? {} : { cursor }),
        ...options,
      });
      next = nextCursor(reply);
      return reply;
    },
  });
  return { attempts, next };
}

/** The cursor of the `Link` header's next page. */
function nextCursor(reply: Reply): string | null {
  const link = "link" in reply.headers ? String(reply.headers.link) : "";
  for (const part of link.split(",")) {
    const url = /^\s*<([^<>]{1,2000})>;\s*rel="next"\s*$/.exec(part)?.[1];
    if (url !== undefined && URL.canParse(url)) return new URL(url).searchParams.get("cursor");
  }
  return null;
}

/** Numbers beyond 2^53 become what JSON.parse of the raw bytes would have made of them. */
function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
