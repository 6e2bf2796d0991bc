import { existsSync, renameSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import type { CreatedApp } from "../github/convert-manifest.ts";
import { openStateDir, secretsPath } from "../state-dir.ts";

export type Addresses = {
  readonly publicUrl: string;
  readonly github: { readonly apiUrl: string; readonly webUrl: string };
};

const HEADER = `# Settings of this server; every key: docs/configure.md. Secrets lie in the state directory.
`;

/** Keeps what GitHub made: secrets (0600) in the state directory, and a first settings file unless there is one. */
export function saveApp(
  app: CreatedApp,
  at: Addresses,
  places: {
    readonly stateDir: string;
    readonly config: string;
    readonly listen: { host: string; port: number };
  },
): void {
  const stateDir = openStateDir(places.stateDir);
  writeWhole(
    secretsPath(stateDir),
    `${JSON.stringify(
      {
        APP_ID: String(app.id),
        PRIVATE_KEY: app.pem,
        WEBHOOK_SECRET: app.webhookSecret,
        CLIENT_ID: app.clientId,
        CLIENT_SECRET: app.clientSecret,
      },
      null,
      2,
    )}\n`,
    0o600,
  );
  if (existsSync(places.config)) return;
  const settings = {
    accounts: [app.owner],
    stateDir: places.stateDir,
    publicUrl: at.publicUrl,
    listen: places.listen,
    github: at.github,
    providers: [{ kind: "local", name: "local" }],
  };
  writeWhole(places.config, `${HEADER}${stringify(settings)}`, 0o644);
}

/** Flushed, then renamed: GitHub shows these secrets once. */
function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode, flush: true });
  renameSync(draft, path);
}
