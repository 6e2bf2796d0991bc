import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** What of the person's own home of cargo holds for steps, too: registries and their mirrors. Credentials do not. */
const CONFIG = "config.toml";

/**
 * Environment that gives cargo a home of ours below `cache`, kept between runs; nothing for a person who has none. rust-cache removes
 * every program in that home's `bin` that a build did not put there, rustup itself among them (Swatinem/rust-cache src/cleanup.ts,
 * cleanBin): right on a machine that is thrown away, and the end of a person's own. rustup's toolchains are elsewhere and stay in use.
 */
export function cargoHome(environment: NodeJS.ProcessEnv, cache: string): Readonly<Record<string, string>> {
  const own = environment["CARGO_HOME"] ?? join(homedir(), ".cargo");
  if (!existsSync(own)) return {};
  const dir = join(cache, "cargo");
  const bin = join(dir, "bin");
  mkdirSync(bin, { recursive: true });
  const config = join(dir, CONFIG);
  if (!existsSync(config) && existsSync(join(own, CONFIG))) {
    // One that leads nowhere is in the way.
    rmSync(config, { force: true });
    symlinkSync(join(own, CONFIG), config);
  }
  const path = environment["PATH"];
  return { CARGO_HOME: dir, ...(path === undefined ? {} : { PATH: `${bin}${delimiter}${path}` }) };
}
