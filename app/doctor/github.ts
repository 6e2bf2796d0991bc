import type { AppInfo, AppSelf, Installation } from "../github/app-info.ts";
import type { HookDeliveries } from "../github/deliveries.ts";
import { WEBHOOK_PATH } from "../intake/routes.ts";
import type { Settings } from "../settings.ts";
import { fault, ok, type Finding } from "./finding.ts";
import { compare, readManifest } from "./manifest.ts";

/** GitHub takes an App's tokens up to a minute off (docs "Generating a JWT"); half of it warns in time. */
const CLOCK_OFF_MAX_MS = 30_000;
const DAY_MS = 24 * 3_600_000;
/** GitHub's words for no answer, and ours for a wrong signature. */
const CURES: Readonly<Record<number, string>> = {
  0: "GitHub could not reach the server: check the DNS name, the firewall, and that the App runs.",
  401: "The signature did not fit: give WEBHOOK_SECRET the value of the App's page on GitHub.",
  404: `Something else answers there: let the proxy hand ${WEBHOOK_PATH} to the App.`,
  502: "The proxy answered for an App that does not run: start it.",
  503: "The App was shutting down or overloaded; what it missed it fetches by itself.",
};

export type GitHubLookDeps = {
  readonly settings: Pick<Settings, "accounts" | "publicUrl">;
  readonly app: Pick<AppInfo, "self" | "hook" | "installations">;
  readonly deliveries: Pick<HookDeliveries, "listSince">;
  readonly now: () => number;
};

/** The credentials, our clock beside GitHub's, what the App may and hears, and where it is installed. */
export async function lookAtGitHub(deps: GitHubLookDeps, signal: AbortSignal): Promise<readonly Finding[]> {
  const self = await deps.app.self(signal);
  const installations = await deps.app.installations(signal);
  return [
    ok("github", `GitHub knows this App as "${self.name}" (${self.url}).`),
    ...lookAtClock(self),
    ...lookAtAccess(self, installations),
    ...lookAtAccounts(deps.settings.accounts, self, installations),
  ];
}

/** The webhook as GitHub has it, and how the deliveries of the last day went. */
export async function lookAtWebhook(deps: GitHubLookDeps, signal: AbortSignal): Promise<readonly Finding[]> {
  const wanted = `${deps.settings.publicUrl.replace(/\/$/u, "")}${WEBHOOK_PATH}`;
  const hook = await deps.app.hook(signal);
  const page = "on the App's page on GitHub, under Webhook";
  const found: Finding[] = [];
  if (hook.url !== wanted) {
    found.push(
      fault(
        "webhook",
        `GitHub delivers to ${hook.url ?? "nowhere"}, not to ${wanted}.`,
        `Set the URL ${page}, or mend publicUrl in the settings file.`,
      ),
    );
  } else found.push(ok("webhook", `GitHub delivers to ${wanted}.`));
  if (!hook.hasSecret)
    found.push(fault("webhook", "The webhook has no secret.", `Set the one in WEBHOOK_SECRET ${page}.`));
  if (hook.contentType !== "json")
    found.push(fault("webhook", "The webhook does not send JSON.", `Choose application/json ${page}.`));
  if (!hook.verifiesTls)
    found.push(
      fault(
        "webhook",
        "GitHub does not verify the server's certificate.",
        `Turn SSL verification on ${page}.`,
        "warn",
      ),
    );
  return [...found, ...(await lookAtDeliveries(deps, signal))];
}

function lookAtClock({ aheadMs }: AppSelf): readonly Finding[] {
  if (aheadMs === null) return [fault("clock", "GitHub did not say what time it is.", "Try again.", "warn")];
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) <= CLOCK_OFF_MAX_MS)
    return [ok("clock", "This machine's clock agrees with GitHub's.")];
  return [
    fault(
      "clock",
      `This machine's clock is ${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} GitHub's.`,
      "Turn on time synchronisation (timedatectl set-ntp true).",
    ),
  ];
}

function lookAtAccess(self: AppSelf, installations: readonly Installation[]): readonly Finding[] {
  const wanted = readManifest();
  const { missing, deaf, beyond } = compare(wanted, self);
  const page = `${self.url} (Edit, Permissions & events)`;
  const found: Finding[] = [];
  if (missing.length > 0)
    found.push(
      fault(
        "github",
        `The App lacks permissions: ${missing.join(", ")}.`,
        `Give them on ${page}; each account then accepts them.`,
      ),
    );
  if (deaf.length > 0)
    found.push(
      fault("github", `The App does not hear of: ${deaf.join(", ")}.`, `Subscribe to them on ${page}.`),
    );
  if (beyond.length > 0)
    found.push(
      fault(
        "github",
        `The App may do more than it needs: ${beyond.join(", ")}.`,
        `Take them back on ${page}.`,
        "warn",
      ),
    );
  for (const installation of installations) {
    const late = compare(wanted, installation).missing.filter(
      (need) => !installation.isPerson || !need.startsWith("members:"),
    );
    if (missing.length === 0 && late.length > 0) {
      found.push(
        fault(
          "github",
          `${installation.login ?? "An account"} has not accepted new permissions: ${late.join(", ")}.`,
          "An owner accepts them under Settings, GitHub Apps, Configure.",
        ),
      );
    }
  }
  return found.length > 0 ? found : [ok("github", "Permissions and events are those of app.yml.")];
}

function lookAtAccounts(
  accounts: readonly string[],
  self: AppSelf,
  installations: readonly Installation[],
): readonly Finding[] {
  return accounts.map((account) => {
    const installation = installations.find(({ login }) => login?.toLowerCase() === account.toLowerCase());
    if (installation === undefined)
      return fault(
        "github",
        `The App is not installed on ${account}.`,
        `Install it: ${self.url}/installations/new`,
      );
    if (installation.suspended)
      return fault(
        "github",
        `The installation on ${account} is suspended.`,
        "An owner lifts that under Settings, GitHub Apps, Configure.",
      );
    return ok("github", `Installed on ${account}.`);
  });
}

async function lookAtDeliveries(deps: GitHubLookDeps, signal: AbortSignal): Promise<readonly Finding[]> {
  const attempts = await deps.deliveries.listSince(deps.now() - DAY_MS, signal);
  const arrived = new Set(attempts.filter((one) => one.delivered).map(({ guid }) => guid));
  const missed = new Set(attempts.map(({ guid }) => guid).filter((guid) => !arrived.has(guid)));
  const counts = `${arrived.size} deliveries arrived within a day, ${missed.size === 0 ? "none" : missed.size} failed`;
  const [newest] = attempts;
  // What failed earlier has ended by itself, and the App fetches it.
  if (newest === undefined || newest.delivered) return [ok("webhook", `${counts}.`)];
  return [
    fault(
      "webhook",
      `${counts}; the newest failed with status ${newest.statusCode}.`,
      CURES[newest.statusCode] ?? "See the App's log, and the App's page on GitHub under Advanced.",
    ),
  ];
}
