import { randomBytes } from "node:crypto";
import { createSystemClock } from "../clock.ts";
import type { Log } from "../log.ts";
import { createRenderer } from "../render.ts";
import type { FileSettings } from "../settings-file.ts";
import { listenOn } from "../listen.ts";
import { saveApp } from "./save.ts";
import { createSetupServer } from "./setup-server.ts";

const TOKEN_BYTES = 24;

/**
 * Serves the set-up until an App was made on GitHub and is saved; then the start can go on. `file`: the settings file at `config` when there is
 * one already; `defaults`: it, or what holds without it. `print` shows the address with its token to who sits at the console.
 */
export async function setUp(
  given: {
    readonly config: string;
    readonly file: FileSettings | null;
    readonly defaults: Pick<FileSettings, "stateDir" | "listen">;
  },
  log: Log,
  print: (text: string) => void,
): Promise<void> {
  const { config, file } = given;
  const { stateDir, listen } = given.defaults;
  const consoleToken = randomBytes(TOKEN_BYTES).toString("base64url");
  const clock = createSystemClock();
  const done = Promise.withResolvers<void>();
  const server = createSetupServer({
    consoleToken,
    log,
    now: () => clock.now(),
    render: createRenderer(),
    fixed: file === null ? {} : { publicUrl: file.publicUrl, ...file.github },
    save: (app, { publicUrl, apiUrl, webUrl }) =>
      saveApp(app, { publicUrl, github: { apiUrl, webUrl } }, { stateDir, config, listen }),
    onDone: done.resolve,
  });
  const url = await listenOn(server, listen);
  const from = file === null || file.publicUrl === url ? [url] : [url, file.publicUrl.replace(/\/+$/u, "")];
  const addresses = from.map((root) => `  ${root}/setup?token=${consoleToken}\n`);
  print(
    `No App is configured yet. Set it up in a browser:\n\n${addresses.join("\n  or from elsewhere\n\n")}\n`,
  );
  await done.promise;
  await server.close();
}
