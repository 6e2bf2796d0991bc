import { parseArgs } from "node:util";

export type ShotOptions = {
  /** Where the pictures go. */
  readonly to: string;
  /** Every page by day, by night and on a phone, whole; else the pictures that the docs show. */
  readonly every: boolean;
  /** Boxes are containers, where a fork may run; null: directories, and the fork is left out. */
  readonly docker: { readonly base: string | null } | null;
};

export type ReadShotOptions =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string }
  | { readonly kind: "go"; readonly options: ShotOptions };

/** Where README and docs look for them. */
const DOCS = "docs/screenshots";

export const HELP = `npm run shots -- [options]

Starts the demo (an offline GitHub and the App), plays runs, a failure, a stranger's fork and a check that starts by itself, and takes
the pictures of README and docs in a real Chromium. Nothing leaves this machine.

  --to DIR          Where the pictures go. Default: ${DOCS}
  --every           Instead: every page, whole, by day, by night and on a phone. Needs --to.
  --provider NAME   local (default) or docker. The pictures of a fork are taken with docker only: a box of
                    local does not keep a stranger's code apart, so the App refuses to run it.
  --image IMAGE     With docker: the image that boxes are made of; it needs Node and npm.
  --help            This text.

Chromium is looked for at /usr/bin/chromium; CHROMIUM names another place.
`;

/** Reads the command line; the first fault ends it. */
export function readShotOptions(args: readonly string[]): ReadShotOptions {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        to: { type: "string" },
        every: { type: "boolean", default: false },
        provider: { type: "string", default: "local" },
        image: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { to, every, provider, image, help } = values;
  if (help) return { kind: "help" };
  if (provider !== "local" && provider !== "docker")
    return wrong(`There is no provider "${provider}" here: local or docker.`);
  if (image !== undefined && provider === "local")
    return wrong("--image belongs to the provider docker: add --provider docker.");
  if (every && to === undefined)
    return wrong("--every takes dozens of pictures, which are not for the docs: name a place with --to DIR.");
  const docker = provider === "docker" ? { base: image ?? null } : null;
  return { kind: "go", options: { to: to ?? DOCS, every, docker } };
}

function wrong(message: string): ReadShotOptions {
  return { kind: "wrong", message };
}
