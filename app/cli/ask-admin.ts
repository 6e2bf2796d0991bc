import { request } from "node:http";
import { text } from "node:stream/consumers";
import { AppError } from "../errors.ts";
import { adminSocketPath } from "../state-dir.ts";

const ANSWER_WITHIN_MS = 10_000;

export type AskAdmin = (method: "GET" | "POST", path: string) => Promise<unknown>;

/** A way to ask the App that owns this state dir, or null when none runs. */
export async function askAdmin(stateDir: string): Promise<AskAdmin | null> {
  const socketPath = adminSocketPath(stateDir);
  const ask: AskAdmin = (method, path) =>
    new Promise((resolve, reject) => {
      const call = request({ socketPath, method, path, timeout: ANSWER_WITHIN_MS }, (answer) => {
        text(answer).then((body) => {
          if (answer.statusCode === 200) resolve(JSON.parse(body));
          else
            reject(
              new AppError("internal", `The running App answered ${answer.statusCode}.`, "See its log."),
            );
        }, reject);
      });
      call.on("timeout", () => call.destroy(new Error("The running App did not answer.")));
      call.on("error", reject);
      call.end();
    });
  try {
    await ask("GET", "/dead-letters");
    return ask;
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : null;
    if (code === "ENOENT" || code === "ECONNREFUSED") return null;
    throw thrown;
  }
}
