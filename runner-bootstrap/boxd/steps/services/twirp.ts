/** Twirp over JSON, as far as GitHub's clients use it: one POST a method, errors with a code. */

import type { IncomingMessage } from "node:http";

import type { Answer } from "./answer.ts";
import { json } from "./answer.ts";
import type { Fields } from "./request-body.ts";
import { readFields } from "./request-body.ts";

export type TwirpMethod = (fields: Fields) => Promise<Answer>;

/** Twirp's own table. Of these clients try only `internal` again, for half a minute: it is for faults of ours alone. */
const STATUS = {
  malformed: 400,
  invalid_argument: 400,
  bad_route: 404,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 412,
  permission_denied: 403,
  unauthenticated: 401,
  internal: 500,
} as const;

/** An error as clients read it. `message` is shown to people. */
export function twirpError(code: keyof typeof STATUS, message: string): Answer {
  return json(STATUS[code], { code, msg: message });
}

/** Calls the method that the path's last part names. Its token was checked before. */
export async function callTwirp(
  methods: ReadonlyMap<string, TwirpMethod>,
  path: string,
  request: IncomingMessage,
): Promise<Answer> {
  const method = methods.get(path);
  if (method === undefined || request.method !== "POST") return twirpError("bad_route", "no such method");
  if (!/^application\/json\b/iu.test(request.headers["content-type"] ?? ""))
    return twirpError("malformed", "only application/json is spoken here");
  const fields = await readFields(request);
  return fields === undefined
    ? twirpError("malformed", "the body is no JSON object, or too long")
    : method(fields);
}
