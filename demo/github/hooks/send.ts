import { createHmac, randomUUID } from "node:crypto";
import type { Delivery } from "../model.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { Settings } from "../settings.ts";
import { createDeliveryFaults } from "./faults.ts";
import type { DeliveryFault, DeliveryFaultState } from "./faults.ts";
import { createPoster } from "./post.ts";

/** A delivery to be made; `body` is sent byte for byte. */
export type Outgoing = {
  guid: string;
  event: string;
  action: string | null;
  body: string;
  appId: number;
  installationId: number | null;
  repositoryId: number | null;
  signature: Delivery["signature"];
  headers?: Record<string, string>;
};

export type Hooks = {
  /** Queues a delivery; nothing is sent while the App has no webhook address. Answers the record. */
  send: (outgoing: Outgoing) => Delivery | null;
  /** Sends an old delivery again, under its old GUID. */
  redeliver: (delivery: Delivery) => Delivery;
  setFaults: (faults: readonly DeliveryFault[]) => void;
  faults: () => DeliveryFaultState[];
  /** Deliveries queued, held back or on their way. */
  open: () => number;
  /** Queues again what an earlier process had not sent. */
  resume: () => void;
  close: () => void;
};

type Deps = { tables: Tables; store: Store; settings: () => Settings };

/** The sender of all webhooks: a bounded number at a time, each tried once. */
export function createHooks({ tables, store, settings }: Deps): Hooks {
  const queue: Delivery[] = [];
  const poster = createPoster(() => settings().deliveryTimeoutMs);
  let active = 0;
  const state = { closed: false };
  let head = 0;

  const pump = (): void => {
    while (!state.closed && active < settings().deliveryConcurrency && head < queue.length) {
      const next = queue[head];
      head += 1;
      if (head > 1_000) {
        queue.splice(0, head);
        head = 0;
      }
      if (next === undefined) continue;
      active += 1;
      void attempt(next).finally(() => {
        active -= 1;
        pump();
      });
    }
  };
  const attempt = async (delivery: Delivery): Promise<void> => {
    const body = store.getText(delivery.payloadId) ?? "";
    const result = await poster.post(delivery.url, delivery.requestHeaders, body);
    if (!state.closed) finish(delivery, result);
  };
  const finish = (delivery: Delivery, result: Partial<Delivery>): void => {
    tables.deliveries.put(Object.assign(delivery, { state: "done" as const, deliveredAt: stamp() }, result));
  };
  const faults = createDeliveryFaults({
    push: (delivery) => {
      queue.push(delivery);
      pump();
    },
    again: (delivery) => {
      const copy: Delivery = { ...delivery, id: tables.nextId("delivery") };
      queue.push(tables.deliveries.put(copy));
      pump();
    },
    drop: (delivery) => {
      // What GitHub shows for a host that it could not reach.
      finish(delivery, { status: "failed to connect to host", statusCode: 502 });
    },
  });
  const record = (
    fields: Omit<Delivery, "id" | "state" | "queuedAt" | "deliveredAt" | keyof typeof UNSENT>,
  ) => {
    const time = stamp();
    const id = tables.nextId("delivery");
    const row: Delivery = { ...UNSENT, ...fields, id, state: "pending", queuedAt: time, deliveredAt: time };
    return tables.deliveries.put(row);
  };

  return {
    send: (outgoing) => {
      const app = tables.apps.get(outgoing.appId);
      if (app?.webhookUrl === undefined || app.webhookUrl === null) return null;
      const { body, signature, headers, ...rest } = outgoing;
      const payloadId = randomUUID();
      store.putText(payloadId, body);
      const requestHeaders = {
        ...deliveryHeaders(outgoing, app.id),
        ...sign(signature, app.webhookSecret, body),
        ...headers,
      };
      const delivery = record({
        ...rest,
        payloadId,
        signature,
        url: app.webhookUrl,
        redelivery: false,
        requestHeaders,
      });
      faults.pass(delivery);
      return delivery;
    },
    redeliver: (delivery) => {
      const url = tables.apps.get(delivery.appId)?.webhookUrl ?? delivery.url;
      const { id: _id, state: _state, queuedAt: _queued, deliveredAt: _delivered, ...rest } = delivery;
      const again = record({ ...rest, ...UNSENT, url, redelivery: true });
      queue.push(again);
      pump();
      return again;
    },
    setFaults: faults.set,
    faults: faults.state,
    open: () => queue.length - head + active + faults.held(),
    resume: () => {
      for (const delivery of tables.deliveries.all()) if (delivery.state === "pending") queue.push(delivery);
      pump();
    },
    close: () => {
      state.closed = true;
      faults.close();
      poster.close();
    },
  };
}

const UNSENT = {
  durationMs: 0,
  status: "pending",
  statusCode: 0,
  responseHeaders: {} as Record<string, string>,
  responseBody: "",
};

function stamp(): string {
  return new Date().toISOString();
}

/** docs.github.com, "Webhook events and payloads: delivery headers". */
function deliveryHeaders(outgoing: Outgoing, appId: number): Record<string, string> {
  return {
    Accept: "*/*",
    "Content-Type": "application/json",
    "User-Agent": `GitHub-Hookshot/${outgoing.guid.slice(0, 7)}`,
    "X-GitHub-Delivery": outgoing.guid,
    "X-GitHub-Event": outgoing.event,
    "X-GitHub-Hook-ID": String(appId),
    "X-GitHub-Hook-Installation-Target-ID": String(appId),
    "X-GitHub-Hook-Installation-Target-Type": "integration",
  };
}

function sign(kind: Delivery["signature"], secret: string, body: string): Record<string, string> {
  if (kind === "missing") return {};
  const key = kind === "good" ? secret : `${secret} but wrong`;
  const hmac = (algorithm: string): string => createHmac(algorithm, key).update(body).digest("hex");
  return { "X-Hub-Signature": `sha1=${hmac("sha1")}`, "X-Hub-Signature-256": `sha256=${hmac("sha256")}` };
}
