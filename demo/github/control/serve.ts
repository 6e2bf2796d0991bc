import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../http/body.ts";
import { isFromHere } from "../pages/neighbours.ts";
import { mark, sameText } from "../tokens.ts";
import type { World } from "../world.ts";
import { actHandlers } from "./acts.ts";
import { appHandlers } from "./apps.ts";
import type { ControlHandlers } from "./contract.ts";
import { faultHandlers } from "./faults.ts";
import { listHandlers } from "./lists.ts";
import { loginHandlers } from "./logins.ts";
import { moveHandlers } from "./moves.ts";
import { repositoryHandlers } from "./repositories.ts";

/** Thousands of comments or deliveries in one call. */
const BODY_LIMIT_BYTES = 256 * 1024 * 1024;

/** The word in the control address that lets in: it keeps out web pages and commands that run on the same machine. */
export function controlKey(secret: string): string {
  return mark(secret, "control");
}

/** Answers `POST /_control/KEY/NAME`, from this machine only. */
export async function answerControl(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [key = "", name = ""] = path.split("/");
  if (!isFromHere(request) || !sameText(key, controlKey(world.secret)) || request.method !== "POST") {
    return reply(response, 404, { error: "not found" });
  }
  const handler = handlersOf(world)[name];
  if (handler === undefined) return reply(response, 404, { error: `there is no control call ${name}` });
  try {
    const bytes = await readBody(request, BODY_LIMIT_BYTES);
    const input = bytes.length === 0 ? {} : (JSON.parse(bytes.toString()) as unknown);
    reply(response, 200, (await handler(input)) ?? {});
  } catch (error) {
    reply(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
}

type AnyHandler = (input: unknown) => unknown;

const known = new WeakMap<World, Record<string, AnyHandler | undefined>>();

function handlersOf(world: World): Record<string, AnyHandler | undefined> {
  const made = known.get(world);
  if (made !== undefined) return made;
  const handlers: ControlHandlers = {
    ...appHandlers(world),
    ...loginHandlers(world),
    ...repositoryHandlers(world),
    ...moveHandlers(world),
    ...actHandlers(world),
    ...faultHandlers(world),
    ...listHandlers(world),
  };
  // The contract's types hold on both sides of the wire; in between there is only JSON.
  const untyped = handlers as unknown as Record<string, AnyHandler | undefined>;
  known.set(world, untyped);
  return untyped;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
