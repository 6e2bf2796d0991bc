import { request } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { AppError } from "../errors.ts";
import { adminSocketAddress } from "../state-dir.ts";

const ANSWER_WITHIN_MS = 10_000;

const Refusal = z.object({ message: z.string(), hint: z.string() });

export type AskAdmin = (method: "GET" | "POST", path: string) => Promise<unknown>;

/** A way to ask the App that owns this state dir, or null when none runs. */
export async function askAdmin(stateDir: string): Promise<AskAdmin | null> {
  const socketPath = addressOf(stateDir);
  if (socketPath === null) return null;
  const ask: AskAdmin = (method, path) =>
    new Promise((resolve, reject) => {
      const call = request({ socketPath, method, path, timeout: ANSWER_WITHIN_MS }, (answer) => {
        text(answer).then((body) => {
          if (answer.statusCode === 200) resolve(JSON.parse(body));
          else reject(refusal(answer.statusCode ?? 0, body));
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
    if (["ENOENT", "ECONNREFUSED"].includes(codeOf(thrown))) return null;
    throw thrown;
  }
}

/** Null when there is no state dir, so that nobody listens there either. */
function addressOf(stateDir: string): string | null {
  try {
    return adminSocketAddress(stateDir);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}

function refusal(status: number, body: string): AppError {
  const said = Refusal.safeParse(JSON.parse(body));
  return said.success
    ? new AppError("bad_request", said.data.message, said.data.hint)
    : new AppError("internal", `The running App answered ${status}.`, "See its log.");
}
