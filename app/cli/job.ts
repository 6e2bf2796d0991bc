import { createSystemClock } from "../clock.ts";
import { JOB_HELP, readJobOptions } from "../job/options.ts";
import { openRun } from "../job/open-run.ts";
import { repositoryFacts } from "../job/repository-facts.ts";
import { tellJson, tellPeople } from "../job/tell.ts";

/** Ctrl-C, a service manager, and a terminal that is closed. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `crabbox-app job`: 0 when all jobs succeeded, 1 when one did not, 2 for wrong arguments. A second Ctrl-C ends it at once. */
export async function job(args: readonly string[]): Promise<number> {
  const read = readJobOptions(args, (name) => process.env[name]);
  if (read.kind === "help") {
    process.stdout.write(JOB_HELP);
    return 0;
  }
  if (read.kind === "wrong") {
    process.stderr.write(`${read.message}\n\n${JOB_HELP}`);
    return 2;
  }
  const { options } = read;
  const teller = options.json ? tellJson(process.stdout) : tellPeople(process.stdout);
  const cancelled = new AbortController();
  const cancel = (): void => {
    if (cancelled.signal.aborted) process.exit(130);
    cancelled.abort();
    teller.note("Cancelled: steps with always() and cancelled() still run. Ctrl-C again ends all at once.");
  };
  // Nobody reads on (`| head`): what runs is ended as by Ctrl-C. Each later write fails, too, and is no second one.
  const gone = (): void => cancelled.abort();
  for (const name of ENDING) process.on(name, cancel);
  process.stdout.on("error", gone);
  try {
    const deps = {
      clock: createSystemClock(),
      teller,
      environment: process.env,
      cancelled: cancelled.signal,
    };
    // git answers and copies while the rest of the program is read.
    const opening = repositoryFacts(options.repo).then(openRun);
    const [run, { runWorkflows }] = await Promise.all([opening, import("../job/run-workflows.ts")]);
    try {
      return (await runWorkflows(deps, run, options)) ? 0 : 1;
    } finally {
      await run.close();
    }
  } finally {
    for (const name of ENDING) process.off(name, cancel);
  }
}
