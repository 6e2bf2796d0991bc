import { generateKeyPairSync, randomBytes } from "node:crypto";
import { ensureAccount } from "./accounts.ts";
import type { Manifest } from "../manifests.ts";
import type { App, Permissions } from "../model.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

export type AppRequest = {
  name: string;
  owner: string;
  webhookUrl?: string | null;
  webhookSecret?: string;
  permissions?: Permissions;
  events?: string[];
};

/** What app.yml asks for, and no more: so that a call which needs more fails here already. */
export const DEFAULT_PERMISSIONS: Permissions = {
  metadata: "read",
  contents: "read",
  pull_requests: "write",
  members: "read",
  issues: "read",
  checks: "write",
};
/** What an App made here hears, unless it is told otherwise. */
export const DEFAULT_EVENTS: readonly string[] = [
  "issue_comment",
  "pull_request",
  "check_run",
  "check_suite",
];

const RSA_BITS = 2048;

/** The part of an App's address that its name gives. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/** Registers what a person agreed to, and exactly that; reading metadata is part of every App. */
export function createAppFrom(world: World, manifest: Manifest, ownerLogin: string): App {
  const { name, webhookUrl, events, permissions, callbackUrls, setupUrl, isPublic } = manifest;
  const app = createApp(world, { name, owner: ownerLogin, webhookUrl, events });
  app.permissions = { metadata: "read", ...permissions };
  return world.tables.apps.put(Object.assign(app, { callbackUrls, setupUrl, isPublic }));
}

/** Registers an App: a new key, a bot account, a webhook secret. */
export function createApp(world: World, request: AppRequest): App {
  const slug = slugOf(request.name);
  const keys = generateKeyPairSync("rsa", {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const random = (bytes: number): string => randomBytes(bytes).toString("hex");
  return world.tables.apps.put({
    id: world.tables.nextId("app"),
    slug,
    name: request.name,
    ownerId: ensureAccount(world, request.owner, "Organization").id,
    botId: ensureAccount(world, `${slug}[bot]`, "Bot").id,
    clientId: `Iv23li${random(7)}`,
    clientSecret: random(20),
    webhookUrl: request.webhookUrl ?? null,
    webhookSecret: request.webhookSecret ?? random(32),
    permissions: { ...DEFAULT_PERMISSIONS, ...request.permissions },
    events: request.events ?? [...DEFAULT_EVENTS],
    privateKeyPem: keys.privateKey,
    publicKeyPem: keys.publicKey,
    createdAt: now(),
  });
}
