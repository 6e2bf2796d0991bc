import { randomBytes } from "node:crypto";
import type { Level, Permissions } from "./model.ts";

/** What an App's set-up asks for (docs.github.com, "Registering a GitHub App from a manifest"). */
export type Manifest = {
  name: string;
  url: string;
  description: string;
  webhookUrl: string | null;
  redirectUrl: string;
  callbackUrls: string[];
  setupUrl: string | null;
  isPublic: boolean;
  permissions: Permissions;
  events: string[];
};

/** A manifest on its way: shown to a person, then waiting for its code to be exchanged. */
export type Draft = {
  manifest: Manifest;
  ownerLogin: string | null;
  state: string | null;
  expiresAt: number;
};

export type Manifests = {
  /** Keeps a manifest until a person has decided; answers the draft's id. */
  draft: (draft: Omit<Draft, "expiresAt">) => string;
  get: (id: string) => Draft | null;
  /** A person agreed, maybe to another name: the draft becomes a code that can be exchanged once. */
  agree: (id: string, name: string, ownerLogin: string) => string | null;
  /** Takes a code, which ends it. */
  take: (code: string) => { manifest: Manifest; ownerLogin: string } | null;
};

/** docs.github.com: all three steps within one hour. */
const TTL_MS = 60 * 60_000;
/** docs.github.com: at most ten callback URLs. */
const CALLBACKS_LIMIT = 10;
/** docs.github.com: an App's name has at most 34 characters. */
const NAME_LIMIT = 34;

/** Keeps drafts and codes in memory: a restart forgets them, as an hour does. */
export function createManifests(): Manifests {
  const drafts = new Map<string, Draft>();
  const codes = new Map<string, { manifest: Manifest; ownerLogin: string; expiresAt: number }>();
  const fresh = <T extends { expiresAt: number }>(map: Map<string, T>, id: string): T | null => {
    for (const [key, row] of map) if (Date.now() >= row.expiresAt) map.delete(key);
    return map.get(id) ?? null;
  };
  return {
    draft: (draft) => {
      const id = randomBytes(16).toString("hex");
      drafts.set(id, { ...draft, expiresAt: Date.now() + TTL_MS });
      return id;
    },
    get: (id) => fresh(drafts, id),
    agree: (id, name, ownerLogin) => {
      const draft = fresh(drafts, id);
      if (draft === null) return null;
      drafts.delete(id);
      const code = randomBytes(20).toString("hex");
      codes.set(code, { manifest: { ...draft.manifest, name }, ownerLogin, expiresAt: draft.expiresAt });
      return code;
    },
    take: (code) => {
      const row = fresh(codes, code);
      codes.delete(code);
      return row;
    },
  };
}

/** Reads the form's `manifest` field; a text says what is wrong with it. */
export function parseManifest(text: string): Manifest | string {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return "The manifest is not JSON.";
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    return "The manifest is not an object.";
  const row = fields as Record<string, unknown>;
  const hook = (row["hook_attributes"] ?? {}) as Record<string, unknown>;
  const addresses = {
    url: row["url"],
    redirect_url: row["redirect_url"],
    ...(row["setup_url"] === undefined ? {} : { setup_url: row["setup_url"] }),
    ...(row["hook_attributes"] === undefined ? {} : { "hook_attributes.url": hook["url"] }),
  };
  for (const [name, value] of Object.entries(addresses))
    if (!isAddress(value)) return `${name} is not an http(s) URL.`;
  const callbacks = row["callback_urls"] ?? [];
  if (!Array.isArray(callbacks) || callbacks.length > CALLBACKS_LIMIT || !callbacks.every(isAddress))
    return `callback_urls are not at most ${CALLBACKS_LIMIT} http(s) URLs.`;
  const permissions = row["default_permissions"] ?? {};
  if (!isPermissions(permissions)) return "default_permissions are not names with read, write or admin.";
  const events = row["default_events"] ?? [];
  if (!Array.isArray(events) || !events.every((one) => typeof one === "string"))
    return "default_events are not names.";
  if (row["request_oauth_on_install"] === true)
    return "The offline GitHub does not know request_oauth_on_install.";
  const asText = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    name: asText(row["name"]),
    url: asText(row["url"]),
    description: asText(row["description"]),
    webhookUrl: row["hook_attributes"] === undefined ? null : asText(hook["url"]),
    redirectUrl: asText(row["redirect_url"]),
    callbackUrls: callbacks.filter(isAddress),
    setupUrl: row["setup_url"] === undefined ? null : asText(row["setup_url"]),
    isPublic: row["public"] === true,
    permissions,
    events,
  };
}

/** What is wrong with an App's name; null when nothing is. */
export function wrongName(name: string): string | null {
  if (name.trim() === "") return "An App needs a name.";
  return name.length > NAME_LIMIT ? `A name has at most ${NAME_LIMIT} characters.` : null;
}

function isAddress(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const url = URL.parse(value);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:");
}

function isPermissions(value: unknown): value is Permissions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const levels: readonly unknown[] = ["read", "write", "admin"] satisfies Level[];
  return Object.values(value).every((level) => levels.includes(level));
}
