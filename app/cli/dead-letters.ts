import { parseArgs } from "node:util";
import { z } from "zod";
import { createSystemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { openStore } from "../store/open-store.ts";
import { storePath } from "../state-dir.ts";
import { loadFileSettings } from "../settings.ts";
import { askAdmin } from "./ask-admin.ts";
import { lockInstance } from "../store/instance-lock.ts";
import { requireStore } from "./require-store.ts";

const HELP = `Usage: npx crabbox-app dead-letters [--retry GUID]

Lists the deliveries that every retry failed for, oldest first. --retry puts one back into the queue.
It asks the running App; when none runs it opens the store itself.
`;

const Letters = z.array(
  z.object({
    guid: z.string(),
    event: z.string(),
    receivedAt: z.number(),
    tries: z.number(),
    error: z.string(),
  }),
);
const Revived = z.object({ revived: z.boolean() });

/** `crabbox-app dead-letters`: 0 when done, 1 when there is no such letter, 2 for wrong arguments. */
export async function deadLetters(args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (parsed === null) {
    process.stderr.write(HELP);
    return 2;
  }
  if (parsed.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const source = await openSource(loadFileSettings().stateDir);
  try {
    if (parsed.retry === undefined) return print(await source.list());
    if (await source.retry(parsed.retry)) {
      process.stdout.write(`${parsed.retry} is back in the queue.\n`);
      return 0;
    }
    process.stderr.write(
      `There is no dead letter ${parsed.retry}. List them with: npx crabbox-app dead-letters\n`,
    );
    return 1;
  } finally {
    await source.close();
  }
}

type Letter = z.infer<typeof Letters>[number];
type Source = {
  list(): Promise<readonly Letter[]>;
  retry(guid: string): Promise<boolean>;
  close(): Promise<void>;
};

async function openSource(stateDir: string): Promise<Source> {
  const ask = await askAdmin(stateDir);
  if (ask !== null) {
    return {
      list: async () => Letters.parse(await ask("GET", "/dead-letters")),
      retry: async (guid) =>
        Revived.parse(await ask("POST", `/dead-letters/${encodeURIComponent(guid)}/retry`)).revived,
      close: async () => undefined,
    };
  }
  requireStore(stateDir);
  const lock = await lockInstance(stateDir, { adminSocket: null });
  const store = await openStore({ path: storePath(stateDir), clock: createSystemClock() });
  return {
    list: () => store.deliveries.dead(),
    retry: (guid) => store.deliveries.revive(guid),
    async close() {
      await store.close();
      await lock.release();
    },
  };
}

function parse(args: readonly string[]): { help?: boolean; retry?: string } | null {
  try {
    return parseArgs({
      args: [...args],
      options: { retry: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (thrown) {
    if (!(thrown instanceof TypeError))
      throw new AppError("internal", "The arguments could not be read.", "See --help.", thrown);
    process.stderr.write(`${thrown.message}\n\n`);
    return null;
  }
}

function print(letters: readonly Letter[]): number {
  if (letters.length === 0) process.stdout.write("No dead letters.\n");
  for (const letter of letters) {
    const at = new Date(letter.receivedAt).toISOString();
    process.stdout.write(`${letter.guid}  ${at}  ${letter.event}  ${letter.tries} tries  ${letter.error}\n`);
  }
  return 0;
}
