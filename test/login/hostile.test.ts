import { describe, expect, test } from "vitest";
import { readCookie, SESSION_COOKIE } from "../../app/login/cookies.ts";
import { csrfToken, isOwnForm } from "../../app/login/csrf.ts";
import { returnPath } from "../../app/login/return-to.ts";
import { seal, unseal } from "../../app/login/sealed.ts";

const KEY = Buffer.alloc(32, 7);
const TRIP = { state: "s", verifier: "v", returnTo: "/runs/run_1", until: 1_000 };

describe("where a log-in leads", () => {
  test.each([
    ["/runs/run_abc?attempt=2", "/runs/run_abc?attempt=2"],
    ["/", "/"],
    [undefined, "/"],
    ["https://evil.example/", "/"],
    ["//evil.example/", "/"],
    ["/\\evil.example/", "/"],
    ["/\t/evil.example/", "/"],
    ["/..//evil.example", "/"],
    ["javascript:alert(1)", "/"],
    [`/${"a".repeat(600)}`, "/"],
  ])("%s -> %s", (asked, path) => {
    expect(returnPath(asked)).toBe(path);
  });
});

test("a log-in on its way is read back only as it was sealed, by the same key, in time", () => {
  const value = seal(KEY, TRIP);
  expect(unseal(KEY, value, 999)).toEqual(TRIP);
  expect(unseal(KEY, value, 1_000)).toBeNull();
  expect(unseal(Buffer.alloc(32, 8), value, 999)).toBeNull();
  const forged = Buffer.from(JSON.stringify({ ...TRIP, returnTo: "/admin" })).toString("base64url");
  expect(unseal(KEY, `${forged}.${value.split(".")[1] ?? ""}`, 999)).toBeNull();
  for (const broken of ["", ".", "a.b", `${value}.more`, "x".repeat(900)]) {
    expect(unseal(KEY, broken, 999)).toBeNull();
  }
});

test("a cookie counts when there is one of that name, in a form of ours", () => {
  expect(readCookie(`a=1; ${SESSION_COOKIE}=abc-_.9; b=2`, SESSION_COOKIE)).toBe("abc-_.9");
  expect(readCookie(`${SESSION_COOKIE}=one; ${SESSION_COOKIE}=two`, SESSION_COOKIE)).toBeNull();
  expect(readCookie(`x${SESSION_COOKIE}=one`, SESSION_COOKIE)).toBeNull();
  expect(readCookie(`${SESSION_COOKIE}=a"b`, SESSION_COOKIE)).toBeNull();
  expect(readCookie(undefined, SESSION_COOKIE)).toBeNull();
});

test("a form counts when it knows the session's own token and comes from our origin", () => {
  const at = "https://box.example.com/app";
  const token = csrfToken("session");
  expect(isOwnForm("session", token, {}, at)).toBe(true);
  expect(isOwnForm("session", token, { origin: "https://box.example.com" }, at)).toBe(true);
  expect(isOwnForm("session", token, { origin: "https://evil.example" }, at)).toBe(false);
  expect(isOwnForm("session", token, { origin: "null" }, at)).toBe(false);
  expect(isOwnForm("another", token, {}, at)).toBe(false);
  for (const wrong of [undefined, "", "x", { toString: () => token }]) {
    expect(isOwnForm("session", wrong, {}, at)).toBe(false);
  }
});
