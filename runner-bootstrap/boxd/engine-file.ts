/** The step engine: a file of its own beside boxd's, loaded only when it is needed. */

/** Set by the bundler: the engine's file name. */
declare const HYDRATE_FILE: string;

/** Loads it, once a process. */
export async function loadEngine(): Promise<typeof import("./steps/hydrate.ts")> {
  return (await import(new URL(HYDRATE_FILE, import.meta.url).href)) as typeof import("./steps/hydrate.ts");
}
