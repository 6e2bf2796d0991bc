import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhooks } from "@octokit/webhooks";

export type Received = {
  guid: string;
  event: string;
  action: string | undefined;
  verified: boolean;
  headers: Record<string, string>;
  payload: Record<string, unknown>;
};

export type Receiver = {
  url: string;
  received: Received[];
  /** Status of the next answers; 0: no answer at all. */
  answer: (status: number) => void;
  /** Waits until a delivery fits. */
  waitFor: (fits: (one: Received) => boolean, withinMs?: number) => Promise<Received>;
  stop: () => Promise<void>;
};

const POLL_MS = 10;

/** A place for webhooks that verifies each signature with GitHub's own library. */
export async function openReceiver(secret: string): Promise<Receiver> {
  const webhooks = new Webhooks({ secret });
  const received: Received[] = [];
  let status = 202;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      void (async () => {
        const body = Buffer.concat(chunks).toString();
        const headers = request.headers as Record<string, string>;
        const signature = headers["x-hub-signature-256"] ?? "";
        const verified = signature !== "" && (await webhooks.verify(body, signature));
        const payload = JSON.parse(body) as Record<string, unknown>;
        const action = payload["action"] as string | undefined;
        const event = headers["x-github-event"] ?? "";
        received.push({
          guid: headers["x-github-delivery"] ?? "",
          event,
          action,
          verified,
          headers,
          payload,
        });
        if (status !== 0) response.writeHead(status).end("noted");
      })();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    answer: (next) => {
      status = next;
    },
    waitFor: async (fits, withinMs = 30_000) => {
      const until = Date.now() + withinMs;
      for (;;) {
        const found = received.find(fits);
        if (found !== undefined) return found;
        if (Date.now() > until) {
          const names = received.map((one) => `${one.event}.${one.action ?? ""}`);
          throw new Error(`no such delivery among ${names.join(", ")}`);
        }
        await sleep(POLL_MS);
      }
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
