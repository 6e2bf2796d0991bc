import { settingsSchema } from "../settings-schema.ts";

/** `crabbox-app schema`: the settings file's JSON Schema on stdout, for editors. */
export async function schema(): Promise<number> {
  process.stdout.write(`${JSON.stringify(settingsSchema(), null, 2)}\n`);
  return 0;
}
