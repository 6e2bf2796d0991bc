import Fastify from "fastify";
import { csrfToken } from "../../app/login/csrf.ts";
import { SESSION_COOKIE } from "../../app/login/cookies.ts";
import { createAccess } from "../../app/login/access.ts";
import { createLog } from "../../app/log.ts";
import type { Role } from "../../app/github/permissions.ts";
import { logPages } from "../../app/pages/log-pages.ts";
import { sitePages } from "../../app/pages/site/routes.ts";
import { createRenderer } from "../../app/render.ts";
import { createSiteRenderer } from "../../app/render/site.ts";
import type { Repository } from "../../app/store/rows.ts";
import { OPTIONS } from "../templates/sample.ts";
import { ids, openFixture, type Fixture } from "../store/fixture.ts";
import { browse, type Browser } from "./journey.ts";

export type SiteStage = {
  readonly fixture: Fixture;
  /** Repositories that GitHub was asked about, in order. */
  readonly asked: number[];
  /** How often the intake was woken. */
  woken(): number;
  /** A browser in which that login is logged in, with the token of its forms. */
  as(login: string): Promise<{ readonly browser: Browser; readonly csrf: string }>;
  readonly url: string;
  close(): Promise<void>;
};

/** The pages on a real server over a real store; only GitHub's word on who may is `roleOf`. Nothing can be run here. */
export async function openSite(roleOf: (repository: Repository, login: string) => Role): Promise<SiteStage> {
  const fixture = await openFixture();
  const { store, clock } = fixture;
  const asked: number[] = [];
  let wakes = 0;
  const shared = {
    store,
    clock,
    logs: { read: async () => Buffer.alloc(0) },
    artifacts: {
      get: store.artifacts.get,
      ofRun: (runId: `run_${string}`) => store.artifacts.ofRun(runId, 100),
      url: ({ id }: { readonly id: number }) => `http://content.test/artifacts/${id}/pass`,
    },
    onLog: () => () => {},
    onRun: () => () => {},
    webUrl: "https://github.com",
  };
  const unable = () => Promise.reject(new Error("nothing runs here"));
  const server = Fastify();
  await server.register(
    logPages({ ...shared, render: createRenderer(), runPage: ({ id }) => `/runs/${id}` }),
  );
  const publicUrl = "http://127.0.0.1";
  const refs = new Map<string, Repository>();
  await server.register(
    sitePages({
      ...shared,
      log: createLog("silent"),
      ids,
      render: createSiteRenderer(),
      accounts: ["Owner-1", "owner-2"],
      admins: ["Ada"],
      publicUrl,
      defaults: OPTIONS,
      keepMs: 1_800_000,
      access: createAccess({
        clock,
        async where(repository) {
          asked.push(repository.id);
          refs.set(repository.name, repository);
          return { installationId: 1, owner: repository.owner, name: repository.name };
        },
        async role({ name }, { login }) {
          const repository = refs.get(name);
          return repository === undefined ? "none" : roleOf(repository, login);
        },
      }),
      login: {
        sessions: store.sessions,
        clock,
        ids,
        key: Buffer.alloc(32, 1),
        clientId: "client",
        webUrl: "https://github.com",
        publicUrl,
        whoIs: unable,
      },
      press: unable,
      act: unable,
      wakeIntake: () => void (wakes += 1),
    }),
  );
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  return {
    fixture,
    asked,
    url,
    woken: () => wakes,
    async as(login) {
      const token = ids.token(32);
      await store.sessions.put(token, { userId: login.length, login, expiresAt: clock.now() + 3_600_000 });
      const browser = browse(url);
      browser.cookies.set(SESSION_COOKIE, token);
      return { browser, csrf: csrfToken(token) };
    },
    async close() {
      await server.close();
      await fixture.end();
    },
  };
}
