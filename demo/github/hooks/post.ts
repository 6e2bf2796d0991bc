import { Agent, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import type { Delivery } from "../model.ts";

/** How a delivery ended, in GitHub's words. */
export type PostResult = Pick<
  Delivery,
  "durationMs" | "status" | "statusCode" | "responseHeaders" | "responseBody"
>;

export type Poster = {
  /** Never rejects: what went wrong is in the result. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<PostResult>;
  close: () => void;
};

/** What is kept of an answer. */
const RESPONSE_KEPT_CHARS = 4_000;

/** Posts with kept-alive connections. */
export function createPoster(timeoutMs: () => number): Poster {
  const agent = new Agent({ keepAlive: true });
  const tlsAgent = new TlsAgent({ keepAlive: true });
  return {
    post: (url, headers, body) =>
      new Promise((resolve) => {
        const start = performance.now();
        const length = Buffer.byteLength(body);
        let timedOut = false;
        const end = (status: string, statusCode: number, more: Partial<PostResult> = {}): void => {
          clearTimeout(timer);
          const durationMs = performance.now() - start;
          resolve({ durationMs, status, statusCode, responseHeaders: {}, responseBody: "", ...more });
        };
        const isTls = url.startsWith("https:");
        const request = isTls ? httpsRequest : httpRequest;
        const outgoing = request(
          url,
          {
            method: "POST",
            agent: isTls ? tlsAgent : agent,
            headers: { ...headers, "Content-Length": length },
          },
          (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => {
              if (text.length < RESPONSE_KEPT_CHARS) text += chunk;
            });
            response.on("error", () => end("invalid HTTP response", 502));
            response.on("end", () => {
              const code = response.statusCode ?? 0;
              const good = code >= 200 && code < 300;
              end(good ? "OK" : `Invalid HTTP Response: ${code}`, code, {
                responseHeaders: flat(response.headers),
                responseBody: text.slice(0, RESPONSE_KEPT_CHARS),
              });
            });
          },
        );
        const timer = setTimeout(() => {
          timedOut = true;
          outgoing.destroy(new Error("timed out"));
        }, timeoutMs());
        outgoing.on("error", () => {
          if (timedOut) end("timed out", 504);
          else end("failed to connect to host", 502);
        });
        outgoing.end(body);
      }),
    close: () => {
      agent.destroy();
      tlsAgent.destroy();
    },
  };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
