import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { WEBHOOK_PATH } from "../intake/routes.ts";

/** The parts of app.yml that GitHub takes as they are. */
const AppFile = z.object({
  name: z.string(),
  description: z.string(),
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
});

/** Where GitHub sends the person's browser after the installation. */
export const INSTALLED_PATH = "/setup/installed";
/** Where GitHub sends the browser, with the code, once the App is made. */
export const CREATED_PATH = "/setup/created";
/** Where GitHub sends people who log in. */
export const LOGIN_CALLBACK_PATH = "/login/callback";

/** GitHub's limit for an App's name (docs "Registering a GitHub App"). */
const NAME_CHARACTERS_MAX = 34;

/**
 * The manifest that GitHub is handed (docs "Registering a GitHub App from a manifest"): app.yml with this server's addresses. Names of Apps are
 * unique on GitHub, so it carries `mark`.
 */
export function manifestOf(at: {
  /** Where GitHub reaches this server. */
  readonly publicUrl: string;
  /** Where the browser that does the set-up reaches it. */
  readonly browserUrl: string;
  readonly mark: string;
}): string {
  const text = readFileSync(new URL("../../app.yml", import.meta.url), "utf8");
  const app = AppFile.parse(parse(text));
  return JSON.stringify({
    name: `${app.name} ${at.mark}`.slice(0, NAME_CHARACTERS_MAX),
    description: app.description,
    url: at.publicUrl,
    public: false,
    hook_attributes: { url: `${at.publicUrl}${WEBHOOK_PATH}`, active: true },
    redirect_url: `${at.browserUrl}${CREATED_PATH}`,
    callback_urls: [`${at.publicUrl}${LOGIN_CALLBACK_PATH}`],
    setup_url: `${at.publicUrl}${INSTALLED_PATH}`,
    default_permissions: app.default_permissions,
    default_events: app.default_events,
  });
}
