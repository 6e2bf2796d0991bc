import { z } from "zod";
import { FileSettings } from "./settings-file.ts";

/** The settings file as JSON Schema, published as `docs/crabbox-app.schema.json`; editors complete and check with it. */
export function settingsSchema(): unknown {
  return { title: "Crabbox App settings", ...z.toJSONSchema(FileSettings, { io: "input" }) };
}
