import { z } from "zod";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub } from "./hub.ts";

const accountSchema = z.object({ id: z.number(), login: z.string(), type: z.string() });

const installationSchema = z
  .object({
    id: z.number(),
    account: accountSchema,
    suspended_at: z.iso.datetime({ offset: true }).nullish(),
  })
  .transform((reply) => ({
    id: reply.id,
    account: reply.account,
    suspendedAt: typeof reply.suspended_at === "string" ? Date.parse(reply.suspended_at) : null,
  }));

const repositorySchema = z
  .object({
    id: z.number(),
    name: z.string(),
    owner: accountSchema,
    default_branch: z.string(),
    private: z.boolean(),
  })
  .transform((reply) => ({
    id: reply.id,
    name: reply.name,
    owner: reply.owner,
    defaultBranch: reply.default_branch,
    private: reply.private,
  }));

export type Installation = Readonly<z.infer<typeof installationSchema>>;
export type InstalledRepository = Readonly<z.infer<typeof repositorySchema>>;

export type Installations = {
  /** All installations of this App, at most 10,000. */
  list(signal?: AbortSignal): Promise<readonly Installation[]>;
  /** The repositories an installation covers, at most 10,000. */
  repositories(installationId: number, signal?: AbortSignal): Promise<readonly InstalledRepository[]>;
};

/** GitHub's page size limit. */
const PAGE_SIZE = 100;
const MAX_PAGES = 100;

const repositoriesSchema = z.object({ repositories: z.array(repositorySchema) });

export function createInstallations(hub: Hub): Installations {
  return {
    list: (signal) =>
      allPages((page) =>
        read(hub.calls, {
          what: "list installations",
          caller: { as: "app" },
          reply: z.array(installationSchema),
          signal,
          send: (rest, options) => rest.apps.listInstallations({ per_page: PAGE_SIZE, page, ...options }),
        }),
      ),
    repositories: (installationId, signal) =>
      allPages(async (page) => {
        const reply = await read(hub.calls, {
          what: "list repositories",
          ...as(installationId),
          reply: repositoriesSchema,
          signal,
          send: (rest, options) =>
            rest.apps.listReposAccessibleToInstallation({ per_page: PAGE_SIZE, page, ...options }),
        });
        return reply.repositories;
      }),
  };
}

async function allPages<T>(fetchPage: (page: number) => Promise<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const items = await fetchPage(page);
    all.push(...items);
    if (items.length < PAGE_SIZE) break;
  }
  return all;
}
