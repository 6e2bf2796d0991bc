import Fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toAppError } from "../../app/errors.ts";
import type { Person } from "../../app/github/log-in.ts";
import { loginRoutes } from "../../app/login/routes.ts";
import { ids, openFixture, type Fixture } from "../store/fixture.ts";
import { until } from "../servers/until.ts";
import { browse } from "./journey.ts";

const AT_ONCE = 50;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

test("log-ins that wait for GitHub are bounded, and the next one comes in once they are through", async () => {
  const waiting: ((person: Person) => void)[] = [];
  let isSlow = true;
  const mona = { id: 1, login: "mona" };
  const server = Fastify();
  server.setErrorHandler((thrown, _request, reply) => reply.code(toAppError(thrown).status).send());
  await server.register(
    loginRoutes({
      sessions: fixture.store.sessions,
      clock: fixture.clock,
      ids,
      key: Buffer.alloc(32, 1),
      clientId: "client",
      webUrl: "https://github.com",
      publicUrl: "http://127.0.0.1",
      whoIs: () => (isSlow ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(mona)),
    }),
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const comeBack = async () => {
    const browser = browse(url);
    const begun = await browser.get("/login");
    const state = new URL(begun.headers.get("location") ?? "").searchParams.get("state") ?? "";
    return (await browser.get(`/login/callback?code=c&state=${state}`)).status;
  };
  const crowd = Array.from({ length: AT_ONCE }, comeBack);
  await until(() => waiting.length === AT_ONCE, "all of them to wait");
  expect(await comeBack()).toBe(503);
  isSlow = false;
  for (const go of waiting) go(mona);
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([303]));
  expect(await comeBack()).toBe(303);
  await server.close();
});
