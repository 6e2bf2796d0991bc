import { parseArgs } from "node:util";
import { createProviders } from "../../providers/registry.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";
import { createSystemClock } from "../clock.ts";
import { examine } from "../doctor/examine.ts";
import { faultOf, ok, type Area, type Finding, type Look } from "../doctor/finding.ts";
import { lookAtGitHub, lookAtWebhook } from "../doctor/github.ts";
import { lookAtProvider } from "../doctor/providers.ts";
import { lookAtState, lookAtStore } from "../doctor/state.ts";
import { createGitHub } from "../github/client.ts";
import { createIds } from "../ids.ts";
import { createLog } from "../log.ts";
import { plainText } from "../plain-text.ts";
import { loadSettings, type Settings } from "../settings.ts";
import { createHostExec } from "../ssh/host-exec.ts";
import { openStateDir } from "../state-dir.ts";

const HELP = `Usage: npx crabbox-app doctor [--json] [--no-providers]

Looks at the settings, the state directory and database, the clock, the App on GitHub with its webhook and last
deliveries, and runs a task that does nothing on a box of each provider, which it ends again. Says of each finding what
to do. An App may be running meanwhile. The exit code is 0 when nothing is broken, 1 when something is, 2 for wrong arguments.

  --json          one JSON document on stdout: {"ok":..., "findings":[{"area","level","what","cure"}]}
  --no-providers  makes no boxes
`;

type Options = { readonly json?: boolean; readonly help?: boolean; readonly "no-providers"?: boolean };

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

/** `crabbox-app doctor`: 0 when nothing is broken, 1 when something is, 2 for wrong arguments. */
export async function doctor(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null || options.help === true) {
    (options === null ? process.stderr : process.stdout).write(HELP);
    return options === null ? 2 : 0;
  }
  const tell = options.json === true ? () => undefined : print;
  const findings = await findingsOf(options, tell);
  const broken = findings.filter(({ level }) => level === "fail").length;
  if (options.json === true) process.stdout.write(`${JSON.stringify({ ok: broken === 0, findings })}\n`);
  else
    process.stdout.write(
      broken === 0 ? "Nothing is broken.\n" : `${broken} of ${findings.length} findings need mending.\n`,
    );
  return broken === 0 ? 0 : 1;
}

async function findingsOf(options: Options, tell: (finding: Finding) => void): Promise<readonly Finding[]> {
  let settings: Settings;
  try {
    settings = loadSettings();
  } catch (thrown) {
    // Nothing else can be looked at without them.
    const finding = faultOf("settings", thrown);
    tell(finding);
    return [finding];
  }
  const clock = createSystemClock();
  const github = createGitHub({
    appId: settings.appId,
    privateKey: settings.privateKey,
    apiUrl: settings.github.apiUrl,
    clock,
    log: createLog("silent"),
  });
  const deps = { settings, app: github.app, deliveries: github.deliveries, now: () => clock.now() };
  const looks: { readonly area: Area; readonly look: Look }[] = [
    { area: "settings", look: () => Promise.resolve([ok("settings", "The settings can be read.")]) },
    { area: "state", look: () => lookAtState(settings) },
    { area: "store", look: () => lookAtStore(settings) },
    { area: "github", look: (signal) => lookAtGitHub(deps, signal) },
    { area: "webhook", look: (signal) => lookAtWebhook(deps, signal) },
  ];
  const hosts = createHostExec({ clock });
  try {
    if (options["no-providers"] !== true) looks.push(...(await providerLooks(settings, hosts.exec)));
    return await examine(looks, tell);
  } finally {
    hosts.close();
    github.close();
  }
}

async function providerLooks(
  settings: Settings,
  exec: ReturnType<typeof createHostExec>["exec"],
): Promise<readonly { readonly area: Area; readonly look: Look }[]> {
  const clock = createSystemClock();
  const stateDir = openStateDir(settings.stateDir);
  const deps = { clock, ids: createIds(), stateDir, programs: await bundleBoxd() };
  const providers = createProviders(settings.providers, { clock, stateDir, exec });
  return [...providers.values()].map((provider) => ({
    area: "provider",
    look: (signal) => lookAtProvider(deps, provider, signal),
  }));
}

function readOptions(args: readonly string[]): Options | null {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        "no-providers": { type: "boolean" },
      },
    }).values;
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n`);
    return null;
  }
}

function print({ area, level, what, cure }: Finding): void {
  process.stdout.write(`${MARKS[level]}  ${area.padEnd(9)} ${plainText(what)}\n`);
  if (cure !== null) process.stdout.write(`${" ".repeat(16)}-> ${plainText(cure)}\n`);
}
