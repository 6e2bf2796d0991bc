import { readFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "./errors.ts";
import { secretsPath } from "./state-dir.ts";

/** Any of these in the environment means that the operator keeps the secrets there. */
const OF_THE_ENVIRONMENT = ["APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"] as const;

const Stored = z.object({
  APP_ID: z.string(),
  PRIVATE_KEY: z.string(),
  WEBHOOK_SECRET: z.string(),
  CLIENT_ID: z.string(),
  CLIENT_SECRET: z.string(),
});

/** Whether the environment holds any of the App's own secrets. */
export function hasSecrets(env: NodeJS.ProcessEnv): boolean {
  return OF_THE_ENVIRONMENT.some((name) => (env[name] ?? "") !== "");
}

/** The environment, with what the set-up kept in the state directory where the environment itself has no secrets. */
export function withStoredSecrets(env: NodeJS.ProcessEnv, stateDir: string): NodeJS.ProcessEnv {
  if (hasSecrets(env)) return env;
  const stored = readStoredSecrets(stateDir);
  return stored === null ? env : { ...env, ...stored };
}

/** What the set-up kept; null when there was none. Throws `bad_settings` when the file is damaged. */
export function readStoredSecrets(stateDir: string): z.infer<typeof Stored> | null {
  const path = secretsPath(stateDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : "";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw damaged(path, thrown);
  }
  try {
    return Stored.parse(JSON.parse(text));
  } catch {
    // The cause would quote what it could not read.
    throw damaged(path);
  }
}

function damaged(path: string, cause?: unknown): AppError {
  return new AppError(
    "bad_settings",
    `The App's secrets in ${path} cannot be read.`,
    "Restore the file from a backup, or give the secrets by the environment (docs/operate.md).",
    cause,
  );
}
