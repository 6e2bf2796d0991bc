import { z } from "zod";
import { RepoConfigFile } from "./schema.ts";

/** The file as JSON Schema, published as `docs/crabbox-yml.schema.json`; editors complete and check with it. */
export function repoConfigSchema(): unknown {
  return { title: "Crabbox App: .github/crabbox.yml", ...z.toJSONSchema(RepoConfigFile, { io: "input" }) };
}
