import { z } from "zod";
import { AppError } from "../errors.ts";
import { read } from "./call.ts";
import type { Hub } from "./hub.ts";

const LEVELS = ["read", "write", "admin"] as const;
/** What a permission allows; each includes those before it. */
export type AccessLevel = (typeof LEVELS)[number];

const Permissions = z.record(z.string(), z.enum(LEVELS));

const selfSchema = z
  .object({
    slug: z.string(),
    name: z.string(),
    html_url: z.string(),
    permissions: Permissions,
    events: z.array(z.string()),
  })
  .transform(({ html_url: url, ...rest }) => ({ ...rest, url }));

const hookSchema = z
  .object({
    url: z.string().optional(),
    content_type: z.string().optional(),
    insecure_ssl: z.union([z.string(), z.number()]).optional(),
    secret: z.string().optional(),
  })
  .transform((reply) => ({
    url: reply.url ?? null,
    contentType: reply.content_type ?? null,
    verifiesTls: String(reply.insecure_ssl ?? "0") === "0",
    hasSecret: reply.secret !== undefined && reply.secret !== "",
  }));

const installationSchema = z
  .object({
    id: z.number(),
    account: z.object({ login: z.string(), type: z.string().optional() }).nullable(),
    permissions: Permissions,
    events: z.array(z.string()),
    suspended_at: z.string().nullish(),
  })
  .transform((reply) => ({
    id: reply.id,
    login: reply.account?.login ?? null,
    /** A person's account has no members and no teams. */
    isPerson: reply.account?.type === "User",
    permissions: reply.permissions,
    events: reply.events,
    suspended: typeof reply.suspended_at === "string",
  }));

/** The App as GitHub has it. `aheadMs`: how far GitHub's clock is before ours; null when it did not say. */
export type AppSelf = z.infer<typeof selfSchema> & { readonly aheadMs: number | null };
/** The App's webhook as GitHub has it. */
export type AppHook = z.infer<typeof hookSchema>;
/** One account on which the App is installed. */
export type Installation = z.infer<typeof installationSchema>;

export type AppInfo = {
  self(signal?: AbortSignal): Promise<AppSelf>;
  hook(signal?: AbortSignal): Promise<AppHook>;
  /** At most the first thousand. */
  installations(signal?: AbortSignal): Promise<readonly Installation[]>;
  /** What an installation is now, whatever a delivery said of it: those come late and out of order. */
  installationState(id: number, signal?: AbortSignal): Promise<InstallationState>;
};

export type InstallationState = "active" | "suspended" | "removed";

const PAGE_SIZE = 100;
const MAX_PAGES = 10;

/** What GitHub knows of the App itself; asked as the App, thrown as call.ts sorts failures. */
export function createAppInfo(hub: Hub): AppInfo {
  return {
    async self(signal) {
      let aheadMs: number | null = null;
      const self = await read(hub.calls, {
        what: "read the App",
        caller: { as: "app" },
        reply: selfSchema,
        signal,
        send: async (rest, options) => {
          const reply = await rest.apps.getAuthenticated({ ...options });
          const date = Date.parse(String(reply.headers.date));
          aheadMs = Number.isNaN(date) ? null : date - hub.calls.clock.now();
          return reply;
        },
      });
      return { ...self, aheadMs };
    },
    hook: (signal) =>
      read(hub.calls, {
        what: "read the App's webhook",
        caller: { as: "app" },
        reply: hookSchema,
        signal,
        send: (rest, options) => rest.apps.getWebhookConfigForApp({ ...options }),
      }),
    async installations(signal) {
      const all: Installation[] = [];
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const reply = await read(hub.calls, {
          what: "list installations",
          caller: { as: "app" },
          reply: z.array(installationSchema),
          signal,
          send: (rest, options) => rest.apps.listInstallations({ per_page: PAGE_SIZE, page, ...options }),
        });
        all.push(...reply);
        if (reply.length < PAGE_SIZE) break;
      }
      return all;
    },
    async installationState(id, signal) {
      try {
        const { suspended } = await read(hub.calls, {
          what: "read installation",
          caller: { as: "app" },
          reply: installationSchema,
          signal,
          send: (rest, options) => rest.apps.getInstallation({ installation_id: id, ...options }),
        });
        return suspended ? "suspended" : "active";
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.code === "github_gone") return "removed";
        throw thrown;
      }
    },
  };
}
