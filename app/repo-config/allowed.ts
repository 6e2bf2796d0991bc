import type { BoxClass, Provider } from "../../providers/provider.ts";
import type { ForkSettings } from "../forks/policy.ts";

/** What the server's settings allow; a repository's file can only take away from it (law 12). */
export type Allowed = {
  readonly classes: readonly BoxClass[];
  readonly providers: ReadonlyMap<string, Pick<Provider, "types">>;
  /** Names of the server's `env`. */
  readonly env: readonly string[];
  readonly forks: Pick<ForkSettings, "policy" | "team">;
};
