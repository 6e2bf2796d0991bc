import { isIP } from "node:net";
import { z } from "zod";
import { ProviderSettings } from "../providers/registry.ts";
import { BOX_CLASSES } from "../providers/provider.ts";
import { ArtifactSettings, ContentSettings } from "./settings-artifacts.ts";
import { CacheSettings } from "./settings-caches.ts";
import { duration } from "./settings-duration.ts";
import { RepositoryKeys } from "./settings-repositories.ts";

const MEBIBYTE = 1024 * 1024;
/** Ranges that fastify knows by name. */
const NAMED_RANGES: ReadonlySet<string> = new Set(["loopback", "linklocal", "uniquelocal"]);

const Keys = z.strictObject({
  accounts: z
    .array(z.string().min(1))
    .min(1)
    .describe("GitHub owners this server works for; others are ignored."),
  stateDir: z.string().default(".crabbox").describe("Where the store, logs and keys live; one App owns it."),
  publicUrl: z
    .url()
    .default("http://127.0.0.1:3000")
    .describe("Where people reach this server; links point there."),
  listen: z
    .strictObject({
      host: z
        .string()
        .default("127.0.0.1")
        .describe("The address the server listens on; loopback when a proxy in front speaks TLS."),
      port: z.number().int().min(0).max(65_535).default(3000).describe("Its port; 0 takes a free one."),
      trustedProxies: z
        .array(
          z.string().refine(isProxy, "an address, a range (10.0.0.0/8), loopback, linklocal or uniquelocal"),
        )
        .max(100)
        .default([])
        .describe(
          "Proxies whose X-Forwarded-For tells where a request comes from, for the log; `uniquelocal` means all private addresses.",
        ),
    })
    .prefault({}),
  github: z
    .strictObject({
      apiUrl: z.url().default("https://api.github.com").describe("https://HOST/api/v3 on Enterprise Server."),
      webUrl: z.url().default("https://github.com").describe("Pages and git; differs on Enterprise Server."),
    })
    .prefault({}),
  defaults: z
    .strictObject({
      provider: z
        .string()
        .default("local")
        .describe("Where a run's box comes from when the command names none."),
      class: z.enum(BOX_CLASSES).default("standard").describe("A box's size when the command names none."),
      timeout: duration("30m").describe("A run's time limit when the command names none."),
      ttl: duration("90m").describe("A lease's longest life."),
      idle: duration("10m").describe("How long an idle box is kept warm; 0s ends it at once."),
    })
    .prefault({}),
  limits: z
    .strictObject({
      timeout: duration("6h").describe("The longest a command may ask for."),
      ttl: duration("24h").describe("The longest life a command may ask for; also for idle."),
      concurrency: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .default(10)
        .describe("Runs at work at once, an account."),
      workers: z.number().int().min(1).max(1000).default(20).describe("Runs at work at once, all accounts."),
      leases: z.number().int().min(1).max(10_000).default(20).describe("Live leases, an account."),
      queueWait: duration("2h").describe("How long a run waits for a box before it ends as no_capacity."),
      commandAge: duration("15m").describe("A comment older than this when it is read is answered, not run."),
    })
    .prefault({}),
  caps: z
    .strictObject({
      monthlyUsd: z
        .number()
        .min(0)
        .nullable()
        .default(null)
        .describe("Spend an account and month; null for none."),
    })
    .prefault({}),
  logs: z
    .strictObject({
      cap: z
        .number()
        .int()
        .min(MEBIBYTE)
        .default(256 * MEBIBYTE)
        .describe("Bytes of output kept a run."),
      linkTtl: duration("7d").describe("How long a log link works."),
      keep: duration("30d").describe("How long logs and deliveries are kept."),
    })
    .prefault({}),
  caches: CacheSettings,
  artifacts: ArtifactSettings,
  content: ContentSettings,
  pacer: z
    .strictObject({
      contentPerMinute: z.number().int().min(1).default(60).describe("GitHub allows about 80."),
      contentPerHour: z.number().int().min(1).default(450).describe("GitHub allows about 500."),
      pointsPerMinute: z.number().int().min(5).default(800).describe("GitHub allows 900; a write costs 5."),
    })
    .prefault({}),
  admins: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,39}$/u, "a GitHub login"))
    .max(100)
    .default([])
    .describe(
      "GitHub logins that see all accounts, deliveries and the audit on the pages; acting needs write access all the same.",
    ),
  bots: z
    .array(
      z.strictObject({
        appId: z.number().int().positive().describe("The id of the GitHub App that the bot is."),
        monthlyUsd: z.number().min(0).describe("Its own cap, a month."),
      }),
    )
    .default([])
    .describe("Bots whose commands count; all others are ignored."),
  forks: z
    .strictObject({
      policy: z
        .enum(["never", "approve", "approve_team"])
        .default("approve")
        .describe(
          "Code of forks and of Dependabot: never run, run when a writer approved that very commit, or when one of `team` did.",
        ),
      team: z
        .string()
        .regex(
          /^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9_.-]{1,100}$/u,
          "org/slug, as in the address of the team's page",
        )
        .optional()
        .describe("With `approve_team`: whose approvals count, as `org/slug`."),
      bases: z
        .array(z.string().min(1).max(255))
        .max(100)
        .default([])
        .describe(
          "Branches a fork's pull request may go to, beside the default branch; set-up steps come from them.",
        ),
    })
    .refine((forks) => (forks.team !== undefined) === (forks.policy === "approve_team"), {
      message: "`policy: approve_team` needs `team`, and only that has one",
      path: ["team"],
    })
    .prefault({}),
  repoConfig: z
    .strictObject({
      autoRuns: z
        .boolean()
        .default(true)
        .describe("Whether `auto` of a repository's `.github/crabbox.yml` may start runs by itself."),
    })
    .prefault({}),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u), z.string())
    .default({})
    .describe("Environment of every command; not for secrets."),
  repositories: RepositoryKeys,
  providers: ProviderSettings,
});

/** The settings file: every key with its default. `docs/configure.md` and the published JSON Schema are made from this. */
export const FileSettings = Keys.refine(
  ({ content, publicUrl }) =>
    content.url === null || URL.parse(content.url)?.hostname !== URL.parse(publicUrl)?.hostname,
  {
    // Browsers share cookies between the ports of a name.
    message: "another host name than that of `publicUrl` is needed",
    path: ["content", "url"],
  },
);

export type FileSettings = z.infer<typeof FileSettings>;

function isProxy(text: string): boolean {
  if (NAMED_RANGES.has(text)) return true;
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
