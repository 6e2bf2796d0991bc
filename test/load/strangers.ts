import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { FLEET_WRITER, type Member } from "./fleet.ts";

/** While the App is down a stranger tries again after this. */
const AGAIN_MS = 50;

/**
 * Deliveries that GitHub never sent: of its form, asking for runs, signed with another secret or none. Each is repeated until the App has
 * answered it; resolves with how often each status was answered.
 */
export async function sendForged(
  url: string,
  bodies: readonly string[],
  isOver: () => boolean,
): Promise<ReadonlyMap<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const answers = new Map<number, number>();
  for (const [n, body] of bodies.entries()) {
    const signature = `sha256=${createHmac("sha256", "some other secret").update(body).digest("hex")}`;
    const headers = n % 3 === 0 ? {} : { "x-hub-signature-256": signature };
    let status: number | null = null;
    while (status === null && !isOver()) {
      status = await post(agent, url, body, headers);
      if (status === null) await sleep(AGAIN_MS);
    }
    if (status !== null) answers.set(status, (answers.get(status) ?? 0) + 1);
  }
  agent.destroy();
  return answers;
}

/** The status, or null when nobody answered. */
function post(
  agent: Agent,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | null> {
  return new Promise((resolve) => {
    const sent = request(
      url,
      {
        agent,
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "x-github-delivery": randomUUID(),
          "x-github-event": "issue_comment",
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? null));
        response.on("error", () => resolve(null));
      },
    );
    sent.on("error", () => resolve(null));
    sent.end(body);
  });
}

/** A comment that would start a run if anybody believed it. */
export function forgedBody(member: Member | undefined, n: number): string {
  const [login = "", name = ""] = (member?.repo ?? "").split("/");
  return JSON.stringify({
    action: "created",
    issue: { number: member?.number ?? 1, pull_request: {} },
    comment: { id: 10_000_000 + n, body: "/crabbox run -- true forged", user: { login: FLEET_WRITER } },
    repository: { id: n + 1, name, owner: { login } },
  });
}
