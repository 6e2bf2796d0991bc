import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DockerServer } from "../servers/docker.ts";

const NAME = "crabbox-test/build-base";
const BUILD_TIMEOUT_MS = 5 * 60_000;
/** Where the image has this machine's authorities, if it has any of its own. */
const CA_FILE = "/ca.crt";

const DOCKERFILE = `ARG BASE
FROM \${BASE}
COPY npm /usr/local/lib/node_modules/npm
COPY headers /usr/local/include/node
COPY ca.crt ${CA_FILE}
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && chmod 0755 /usr/local/lib/node_modules/npm/bin/npm-cli.js && npm --version
`;

export type BuildBase = {
  readonly image: string;
  /** The Dockerfile's arguments by which the build reaches packages as this machine does. */
  readonly args: Readonly<Record<"NPM_CONFIG_REGISTRY" | "CA_FILE", string>>;
};

/** What `BUILD_BASE` of the App's image must have, where none can be pulled: the tests' base image with this machine's npm. */
export function makeBuildBase({ base }: Pick<DockerServer, "base">, env: NodeJS.ProcessEnv): BuildBase {
  const context = mkdtempSync(join(tmpdir(), "crabbox-build-base-"));
  try {
    cpSync(npmDirectory(), join(context, "npm"), { recursive: true, dereference: true });
    copyHeaders(join(context, "headers"));
    const ca = process.env["NODE_EXTRA_CA_CERTS"] ?? "";
    if (existsSync(ca)) cpSync(ca, join(context, "ca.crt"));
    else writeFileSync(join(context, "ca.crt"), "");
    writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
    execFileSync("docker", ["build", "-q", "--build-arg", `BASE=${base}`, "-t", NAME, context], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: BUILD_TIMEOUT_MS,
    });
    const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8", cwd: tmpdir() });
    return {
      image: NAME,
      args: { NPM_CONFIG_REGISTRY: registry.trim(), CA_FILE: existsSync(ca) ? CA_FILE : "" },
    };
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** `npm` is a link to its `bin/npm-cli.js`. */
function npmDirectory(): string {
  return dirname(dirname(realpathSync(which("npm"))));
}

/** Node's headers, so that compiling the store's driver need not download them; none where this machine has none. */
function copyHeaders(to: string): void {
  const headers = join(dirname(dirname(realpathSync(which("node")))), "include", "node");
  if (existsSync(headers)) cpSync(headers, to, { recursive: true, dereference: true });
  else mkdirSync(to);
}

function which(command: string): string {
  return execFileSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).trim();
}
