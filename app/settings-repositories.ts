import { readFileSync, statSync } from "node:fs";
import { z } from "zod";

/** GitHub's limits for secrets and variables ("Secrets reference"). */
const MAX_NAMES = 100;
const MAX_VALUE_BYTES = 48 * 1024;
/** Shorter ones cannot be masked: their letters stand in ordinary text everywhere. */
const MIN_VALUE_BYTES = 4;
const MAX_REPOSITORIES = 1_000;

/** What only the App itself may know. */
const OWN = new Set(["PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET", "CLIENT_SECRET"]);

const Name = z
  .string()
  .max(255)
  .regex(
    /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/iu,
    "letters, digits and _ as GitHub takes them, not beginning with GITHUB_",
  );

const Place = z
  .strictObject({
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "the name of an environment variable")
      .refine((name) => !OWN.has(name), "one of the App's own secrets")
      .optional(),
    file: z.string().startsWith("/", "an absolute path").optional(),
  })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), {
    message: "either `env` or `file` is needed",
  });

const named = <T extends z.ZodType>(value: T) =>
  z
    .record(Name, value)
    .refine((map) => Object.keys(map).length <= MAX_NAMES, `at most ${MAX_NAMES} names`)
    .refine(
      (map) => new Set(Object.keys(map).map((name) => name.toUpperCase())).size === Object.keys(map).length,
      "two names are the same: upper and lower case count as one",
    )
    .default({});

/** `repositories` of the settings file: what set-up steps of a repository may have. Values of secrets are never in it. */
export const RepositoryKeys = z
  .array(
    z.strictObject({
      repository: z
        .string()
        .regex(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9_.-]{1,100}$/u, "OWNER/NAME")
        .describe(
          "`OWNER/NAME` as it is now; after a renaming nothing is handed out until this says the new name.",
        ),
      id: z
        .number()
        .int()
        .positive()
        .describe(
          "The repository's id (`gh api repos/OWNER/NAME --jq .id`), so that another one that takes its name later gets nothing.",
        ),
      bases: z
        .array(z.string().min(1).max(255))
        .max(100)
        .default([])
        .describe(
          "Base branches whose steps may have its secrets, beside the default branch; each should be protected.",
        ),
      secrets: named(Place).describe(
        "For `secrets.NAME` in set-up steps: `{ env: VARIABLE }` or `{ file: /PATH }`, where the server has the value, read at its start.",
      ),
      vars: named(z.string().max(MAX_VALUE_BYTES)).describe(
        "For `vars.NAME`; not for secrets, they are shown.",
      ),
    }),
  )
  .max(MAX_REPOSITORIES)
  .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, "two entries have the same id")
  .default([]);

type RepositoryKeys = z.infer<typeof RepositoryKeys>;

/** Values of mapped secrets, by the repository's id and then by name in capitals. A Map, which no log and no JSON prints. */
export type SecretValues = ReadonlyMap<number, ReadonlyMap<string, string>>;

/**
 * The values from where the settings say they are. What is missing, too long or too short to be masked is a fault that names the
 * place and never the value. Line ends at a file's end are no part of it.
 */
export function readSecretValues(
  repositories: RepositoryKeys,
  env: NodeJS.ProcessEnv,
  faults: string[],
): SecretValues {
  const values = new Map<number, ReadonlyMap<string, string>>();
  for (const { repository, id, secrets } of repositories) {
    const own = new Map<string, string>();
    for (const [name, place] of Object.entries(secrets)) {
      const found = valueAt(place, env);
      const fault = typeof found === "string" ? faultOf(found) : found.fault;
      if (fault === null && typeof found === "string") own.set(name.toUpperCase(), found);
      else faults.push(`secret ${name} of ${repository}: ${placeText(place)} ${fault ?? ""}`);
    }
    values.set(id, own);
  }
  return values;
}

function valueAt(
  { env: variable, file }: z.infer<typeof Place>,
  env: NodeJS.ProcessEnv,
): string | { readonly fault: string } {
  if (file === undefined) return env[variable ?? ""] ?? { fault: "is not set" };
  try {
    if (statSync(file).size > MAX_VALUE_BYTES * 2) return { fault: "is too long" };
    return readFileSync(file, "utf8").replace(/[\r\n]+$/u, "");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
    return { fault: `cannot be read (${code})` };
  }
}

function faultOf(value: string): string | null {
  const bytes = Buffer.byteLength(value.trim());
  if (bytes === 0) return "is empty";
  if (bytes < MIN_VALUE_BYTES)
    return `has less than ${MIN_VALUE_BYTES} bytes, which cannot be masked in logs`;
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) return `has more than ${MAX_VALUE_BYTES} bytes`;
  return value.includes("\0") ? "holds a NUL character" : null;
}

function placeText({ env, file }: z.infer<typeof Place>): string {
  return env === undefined ? `the file ${file ?? ""}` : `the environment variable ${env}`;
}
