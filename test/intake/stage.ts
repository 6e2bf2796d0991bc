import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import fastify from "fastify";
import pino from "pino";
import { createSystemClock } from "../../app/clock.ts";
import { createAccountFilter } from "../../app/intake/account-filter.ts";
import { createIntakeRoutes, WEBHOOK_PATH } from "../../app/intake/routes.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { Store } from "../../app/store/store.ts";
import { isWanted } from "../../app/webhooks/register.ts";

export const SECRET = "a-secret-of-this-test-only";

export type Door = {
  readonly store: Store;
  readonly dir: string;
  readonly url: string;
  /** Lines of the log, parsed. */
  readonly lines: Record<string, unknown>[];
  readonly woken: () => number;
  /** Whether the store's files hold this text. */
  kept(text: string): boolean;
  drain(): void;
  stop(): Promise<void>;
};

/** The real door over a real store and a real listener; accounts acme and umbrella are let in. */
export async function openDoor(): Promise<Door> {
  const dir = await mkdtemp(join(tmpdir(), "crabbox-intake-"));
  const clock = createSystemClock();
  const store = await openStore({ path: join(dir, "app.sqlite"), clock });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, collect(lines));
  let woken = 0;
  let draining = false;
  const server = fastify();
  await server.register(
    createIntakeRoutes({
      deliveries: store.deliveries,
      webhookSecret: SECRET,
      isOurs: createAccountFilter(["Acme", "umbrella"], log),
      isWanted,
      onStored: () => {
        woken += 1;
      },
      isDraining: () => draining,
      clock,
      log,
    }),
  );
  await server.listen({ port: 0, host: "127.0.0.1" });
  const { port } = server.server.address() as AddressInfo;
  return {
    store,
    dir,
    url: `http://127.0.0.1:${port}${WEBHOOK_PATH}`,
    lines,
    woken: () => woken,
    kept: (text) =>
      ["app.sqlite", "app.sqlite-wal"].some((name) => readFileSync(join(dir, name)).includes(text)),
    drain: () => {
      draining = true;
    },
    async stop() {
      await server.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type Post = {
  readonly guid?: string;
  readonly event?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
};

/** Delivers a body as GitHub does; a header set to undefined is left out. */
export function post(url: string, body: string | Buffer, options: Post = {}): Promise<Response> {
  const headers: Record<string, string | undefined> = {
    "content-type": "application/json",
    "x-github-delivery": options.guid ?? crypto.randomUUID(),
    "x-github-event": options.event ?? "issue_comment",
    "x-hub-signature-256": sign(body, options.secret ?? SECRET),
    ...options.headers,
  };
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(url, { method: "POST", body, headers: Object.fromEntries(sent) });
}

export function sign(body: string | Buffer, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** A comment's payload with what the door reads: a command that says `text`, of any size, or a `remark` without one. */
export function payload(
  options: {
    readonly account?: string;
    readonly number?: number;
    readonly text?: string;
    readonly remark?: string;
  } = {},
) {
  const account = options.account ?? "acme";
  return JSON.stringify({
    action: "created",
    issue: { number: options.number ?? 1, pull_request: {} },
    comment: { id: 1, body: options.remark ?? `/crabbox run -- ${options.text ?? "true"}` },
    repository: { id: 7, name: "widgets", owner: { login: account, id: 5 } },
    installation: { id: 70 },
  });
}

function collect(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString("utf8")) as Record<string, unknown>);
      done();
    },
  });
}
