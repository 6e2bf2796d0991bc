import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError, toAppError } from "../errors.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { AccountFilter } from "./account-filter.ts";
import { createBodyBudget } from "./body-budget.ts";
import { createCalmLog } from "./calm-log.ts";
import { readEnvelope } from "./envelope.ts";
import { createVerify, hasSignatureForm } from "./signature.ts";

export type IntakeDeps = {
  readonly deliveries: Pick<Deliveries, "put">;
  readonly webhookSecret: string;
  readonly isOurs: AccountFilter;
  readonly isWanted: Wanted;
  /** Called after each stored delivery that is wanted: wakes the worker. */
  readonly onStored: () => void;
  /** True from SIGTERM on: nothing is taken any more. */
  readonly isDraining: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
};

/** Whether anything would be done with an event of this payload. False is final: it is stored as done, its body is not kept. */
export type Wanted = (event: string, payload: unknown) => boolean;

/** Where GitHub delivers; the path in the App's manifest. */
export const WEBHOOK_PATH = "/api/github/webhooks";

/** GitHub sends no payload over 25 MB (docs "Webhook events and payloads"). */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

const headersSchema = z.object({
  "x-github-delivery": z.string().regex(/^[A-Za-z0-9-]{1,100}$/),
  "x-github-event": z.string().regex(/^[a-z_]{1,64}$/),
  "x-hub-signature-256": z.string().refine(hasSignatureForm),
});

type Answer = { readonly status: "stored" | "duplicate" | "ignored" };

/**
 * GitHub's door: proves the signature over the raw bytes, stores the delivery under its GUID, and only then answers 202 (law 1).
 * Nothing of the payload is acted upon here. Register it on its own: it takes over body parsing in its scope.
 */
export function createIntakeRoutes(deps: IntakeDeps): (server: FastifyInstance) => Promise<void> {
  const verify = createVerify(deps.webhookSecret);
  const calm = createCalmLog(deps.clock, deps.log);
  const budget = createBodyBudget(MAX_BODY_BYTES);

  async function take(request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
    // Their form was checked before the body was read.
    const header = (name: keyof z.infer<typeof headersSchema>) => String(request.headers[name]);
    const guid = header("x-github-delivery");
    const body = request.body;
    if (!Buffer.isBuffer(body)) throw badSignature();
    const text = body.toString("utf8");
    if (!(await verify(text, header("x-hub-signature-256")))) throw badSignature();
    const payload = parseJson(text);
    const envelope = readEnvelope(payload);
    if (envelope === null) throw badRequest("The payload is not of GitHub's form.");
    reply.code(202);
    if (!deps.isOurs(envelope)) return { status: "ignored" };
    const event = header("x-github-event");
    const unwanted = !deps.isWanted(event, payload);
    const result = await deps.deliveries.put({
      guid,
      event,
      action: envelope.action,
      installationId: envelope.installationId,
      body,
      unwanted,
    });
    if (result === "conflict") throw conflict(guid);
    if (result === "stored" && !unwanted) deps.onStored();
    return { status: result };
  }

  return async (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser(
      "application/json",
      { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, body),
    );
    server.setErrorHandler((thrown: FastifyError | AppError, request, reply) => {
      const error = asAnswer(thrown);
      calm.refused(error, {
        guid: String(request.headers["x-github-delivery"] ?? "").slice(0, 100),
        from: request.ip,
      });
      return reply.code(error.status).send({ code: error.code, message: error.message, hint: error.hint });
    });
    // Not async: a promise at each request costs a twentieth of the deliveries a second.
    server.addHook("onRequest", (request, reply, done) => {
      if (deps.isDraining()) throw draining();
      const parsed = headersSchema.safeParse(request.headers);
      if (!parsed.success) throw badHeaders(parsed.error);
      const release = budget.reserve(request.headers["content-length"]);
      reply.raw.once("close", release);
      done();
    });
    server.route({ method: "POST", url: WEBHOOK_PATH, bodyLimit: MAX_BODY_BYTES, handler: take });
  };
}

/** Fastify's refusals (body too large, wrong content type) as ours. */
function asAnswer(thrown: FastifyError | AppError): AppError {
  if (thrown instanceof AppError || thrown.statusCode === undefined || thrown.statusCode >= 500) {
    return toAppError(thrown);
  }
  return thrown.statusCode === 413
    ? new AppError("too_large", thrown.message, "GitHub sends at most 25 MB.")
    : badRequest(thrown.message, thrown);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badRequest("The body is signed but is not JSON.", cause);
  }
}

function badRequest(message: string, cause?: unknown): AppError {
  return new AppError("bad_request", message, "Set the webhook's content type to application/json.", cause);
}

function badHeaders(error: z.ZodError): AppError {
  const fields = error.issues.map((issue) => issue.path.join("."));
  return fields.every((field) => field === "x-hub-signature-256")
    ? badSignature()
    : badRequest(`Missing or malformed header: ${fields.join(", ")}.`);
}

function badSignature(): AppError {
  return new AppError(
    "bad_signature",
    "The signature does not fit the body.",
    "Give the webhook secret of the App's page on GitHub to this server as WEBHOOK_SECRET.",
  );
}

function conflict(guid: string): AppError {
  return new AppError(
    "delivery_conflict",
    `Another body is stored under delivery ${guid}.`,
    "Nothing was changed. GitHub never does this: look for who else knows the webhook secret.",
  );
}

function draining(): AppError {
  return new AppError(
    "draining",
    "The App is shutting down.",
    "It fetches what it missed when it starts again.",
  );
}
