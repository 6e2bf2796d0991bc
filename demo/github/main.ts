import { parseArgs } from "node:util";
import { startGitHub } from "./start.ts";

/** Process entry: prints one JSON line when it answers, ends on SIGTERM or SIGINT. */
const { values } = parseArgs({
  options: {
    state: { type: "string" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "public-url": { type: "string" },
    "github-root": { type: "string" },
    "app-name": { type: "string", default: "Crabbox" },
    "webhook-url": { type: "string" },
    // The secret itself stays out of argv.
    "webhook-secret-env": { type: "string" },
    "until-stdin-ends": { type: "boolean", default: false },
  },
});

if (values.state === undefined) {
  process.stderr.write("usage: main.ts --state DIR [--port N] [--host ADDRESS] [--public-url URL]\n");
  process.stderr.write(
    "  [--github-root DIR] [--app-name NAME] [--webhook-url URL] [--webhook-secret-env NAME]\n",
  );
  process.exit(2);
}

const secretName = values["webhook-secret-env"];
const { ready, stop } = await startGitHub({
  stateDir: values.state,
  host: values.host,
  port: Number(values.port),
  publicUrl: values["public-url"] ?? null,
  githubRoot: values["github-root"] ?? null,
  appName: values["app-name"],
  webhookUrl: values["webhook-url"] ?? null,
  webhookSecret: secretName === undefined ? null : (process.env[secretName] ?? null),
});
process.stdout.write(`${JSON.stringify(ready)}\n`);

const end = (): void => {
  void stop().then(() => process.exit(0));
};
if (values["until-stdin-ends"]) process.stdin.once("end", end).resume();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, end);
}
