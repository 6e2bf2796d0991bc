import { request } from "node:http";
import { DemoError } from "./demo-error.ts";

export type DockerAnswer = {
  readonly status: number;
  /** What it said in JSON; a pull says many. */
  readonly values: readonly unknown[];
};

/** Silence of the daemon for longer is no answer. */
const ANSWER_WITHIN_MS = 30_000;

/** One call of the daemon's API, whatever its status. Throws `DemoError` when the daemon does not answer. */
export function askDocker(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  quietMs = ANSWER_WITHIN_MS,
): Promise<DockerAnswer> {
  return new Promise((done, failed) => {
    const fail = (cause: Error) =>
      failed(
        new DemoError(
          "The Docker daemon does not answer.",
          `Start it, let this user use ${socketPath}, or set DOCKER_HOST=unix://...`,
          cause.message,
        ),
      );
    const headers = { "content-type": "application/json" };
    const call = request({ socketPath, method, path, headers, timeout: quietMs }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => done({ status: response.statusCode ?? 0, values: readValues(text) }));
      response.on("error", fail);
    });
    call.on("error", fail).on("timeout", () => call.destroy(new Error("no answer in time")));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** One value, or one a line; what is no JSON is left out. */
function readValues(text: string): readonly unknown[] {
  const parts = text.split(/\r?\n/u).filter((line) => line.startsWith("{") || line.startsWith("["));
  return parts.flatMap((part) => {
    try {
      return [JSON.parse(part) as unknown];
    } catch {
      // Cut off in the middle: a pull that ended with its connection.
      return [];
    }
  });
}
