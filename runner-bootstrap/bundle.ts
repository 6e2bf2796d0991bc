/** Makes the files that go onto a box, when the App starts: nothing built is in the repository. */

import { createHash } from "node:crypto";
import { join } from "node:path";

import { build } from "esbuild";

export type BundledFile = {
  readonly name: string;
  readonly bytes: Buffer;
  /** SHA-256 in hex. */ readonly sha: string;
};

export type BoxdBundle = BundledFile & {
  /** The engine of hydration steps; must lie beside boxd. */ readonly hydrate: BundledFile;
};

/** Names carry this much of the hash: enough that two versions never share one. */
const NAME_HASH_LENGTH = 12;

/** The YAML parser's build for Node asks for Node's own modules by `require`, which a module of this form does not have. */
const REQUIRE = `import { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);`;

/**
 * Bundles boxd and its step engine for Node >= 20. The names follow from the content, so a new version never replaces
 * one that runs. Safe to repeat; throws what esbuild throws.
 */
export async function bundleBoxd(): Promise<BoxdBundle> {
  const hydrate = named("hydrate", await bundle("steps/hydrate.ts", {}, REQUIRE));
  const boxd = named("boxd", await bundle("main.ts", { HYDRATE_FILE: JSON.stringify(`./${hydrate.name}`) }));
  return { ...boxd, hydrate };
}

async function bundle(entry: string, define: Record<string, string>, banner = ""): Promise<Buffer> {
  const made = await build({
    entryPoints: [join(import.meta.dirname, "boxd", entry)],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    define,
    banner: { js: banner },
    write: false,
    legalComments: "none",
  });
  const [file] = made.outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return Buffer.from(file.contents);
}

function named(name: string, bytes: Buffer): BundledFile {
  const sha = createHash("sha256").update(bytes).digest("hex");
  return { name: `${name}-${sha.slice(0, NAME_HASH_LENGTH)}.mjs`, bytes, sha };
}
