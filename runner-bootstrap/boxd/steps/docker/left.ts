/** Containers of a task that is over, whatever became of its engine. */

import { dockerCli, type CliHost } from "./cli.ts";
import { removeLabelled } from "./remove.ts";
import { SERVICE_LABEL } from "./room.ts";

/** Lines of each service's log that are shown. */
const LOG_LINES = 200;
const NO_STEP = 0;
const WORD = /^[A-Za-z0-9][\w:.-]*$/;

/**
 * Removes everything with `label`: containers with their volumes, networks, images. Answers what could not be proven removed, in words.
 * With `showLogs` the ends of the services' logs go to the host's log before. Never rejects, safe to repeat; `host.spawn` bounds it in time.
 */
export async function removeTaskContainers(
  host: CliHost,
  label: string,
  { showLogs = false }: { readonly showLogs?: boolean } = {},
): Promise<readonly string[]> {
  const cli = dockerCli(host, ["docker"]);
  const filters = [`--filter=label=${label}`];
  const there = async (): Promise<readonly string[] | { readonly failed: string }> => {
    const args = ["ps", "--all", "--quiet", "--no-trunc", ...filters];
    const answer = await cli.ask(NO_STEP, args, { isQuiet: true });
    return "failed" in answer ? answer : answer.text.split("\n").filter((line) => WORD.test(line));
  };
  const before = await there();
  if ("failed" in before) return [`Docker's containers (${before.failed})`];
  if (showLogs) await showServices();
  await removeLabelled({ cli, cancel: {} }, NO_STEP, filters, before);
  const after = await there();
  if ("failed" in after) return [`Docker's containers (${after.failed})`];
  return after.map((id) => `Docker's container ${id.slice(0, 12)}`);

  async function showServices(): Promise<void> {
    const format = `--format={{.ID}} {{.Label "${SERVICE_LABEL}"}}`;
    const args = ["ps", "--all", format, ...filters, `--filter=label=${SERVICE_LABEL}`];
    const answer = await cli.ask(NO_STEP, args, { isQuiet: true });
    if ("failed" in answer) return;
    for (const line of answer.text.split("\n").filter((one) => one !== "")) {
      const [id = "", service = ""] = line.split(" ");
      host.log(NO_STEP, Buffer.from(`\nThe end of the log of service ${service}:\n`));
      await cli.show(NO_STEP, ["logs", `--tail=${LOG_LINES}`, id], { isQuiet: true });
    }
  }
}
