import { expect, test } from "vitest";
import { classify, limitWaitMs, toFailureError } from "../../app/github/failures.ts";

const NOW = Date.parse("2026-11-20T10:00:00Z");

function answer(status: number, headers: Record<string, string> = {}, data: unknown = {}) {
  return Object.assign(new Error("as Octokit throws it"), { status, response: { headers, data } });
}

test.each([
  ["secondary with retry-after", answer(403, { "retry-after": "17" }), 17_000],
  ["429 with retry-after", answer(429, { "retry-after": "3" }), 3_000],
  [
    "primary: until the reset, by GitHub's clock and not ours",
    answer(403, {
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String((NOW + 40_000) / 1000),
      date: new Date(NOW + 10_000).toUTCString(),
    }),
    30_000,
  ],
  [
    "primary whose reset has passed",
    answer(429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String((NOW - 5_000) / 1000) }),
    0,
  ],
  ["429 that says nothing", answer(429), null],
  [
    "secondary that only names its page",
    answer(
      403,
      { "x-ratelimit-remaining": "4000" },
      { documentation_url: "https://docs.example/rate-limits-for-the-rest-api" },
    ),
    null,
  ],
  ["a retry-after that is no number", answer(429, { "retry-after": "soon" }), null],
])("limited: %s", (_name, thrown, waitMs) => {
  const failure = classify(thrown, NOW);
  expect(failure).toMatchObject({ kind: "limited", waitMs });
  const error = toFailureError("call", failure);
  expect(error.code).toBe("github_limited");
  expect(limitWaitMs(error)).toBe(waitMs);
});

test.each([
  [401, "unauthorized", "not_allowed"],
  [403, "denied", "not_allowed"],
  [404, "gone", "github_gone"],
  [410, "gone", "github_gone"],
  [422, "rejected", "github_refused"],
  [500, "unclear", "github_failed"],
  [502, "unclear", "github_failed"],
])("status %i is %s", (status, kind, code) => {
  const failure = classify(answer(status), NOW);
  expect(failure.kind).toBe(kind);
  const error = toFailureError("create comment", failure);
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
  expect(error.message).toContain("create comment");
});

test.each([
  ["ECONNREFUSED", "unsent"],
  ["ENOTFOUND", "unsent"],
  ["ECONNRESET", "unclear"],
  ["UND_ERR_SOCKET", "unclear"],
])("a connection that ends with %s is %s", (code, kind) => {
  const socket = Object.assign(new Error("socket"), { code });
  const fetchFailed = new TypeError("fetch failed", { cause: socket });
  const thrown = Object.assign(new Error("as Octokit wraps it", { cause: fetchFailed }), { status: 500 });
  expect(classify(thrown, NOW).kind).toBe(kind);
});

test("what is no answer at all is unclear", () => {
  for (const thrown of [undefined, null, "text", new Error("bug"), { status: 404 }]) {
    expect(classify(thrown, NOW).kind).toBe("unclear");
  }
});
