import { request, type ClientRequest } from "node:http";
import { Readable } from "node:stream";
import pino from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createArtifactLinks } from "../../app/artifacts/links.ts";
import { createContentServer } from "../../app/content-server.ts";
import { until } from "../servers/until.ts";
import { artifactRoom } from "./room.ts";

/** More than any socket takes without a reader. */
const HUGE_BYTES = 2 ** 31;
/** Places of one repository (download-places.ts). */
const REPOSITORY_MAX = 8;

let room: Awaited<ReturnType<typeof artifactRoom>>;
const ends: (() => unknown)[] = [];
beforeEach(async () => {
  room = await artifactRoom();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await room.end();
});

/** Files of repositories 11 and 12, of which the first's never end. */
async function serve(set: { readonly stalledMs?: number } = {}) {
  const links = createArtifactLinks({
    clock: room.clock,
    key: Buffer.alloc(32, 7),
    baseUrl: "http://content.test/",
  });
  const opened: Readable[] = [];
  const artifacts: Parameters<typeof createContentServer>[0]["artifacts"] = {
    async get(id) {
      const artifact = await room.artifacts.get(id);
      return artifact?.repositoryId === 11 ? { ...artifact, sizeBytes: HUGE_BYTES } : artifact;
    },
    async open(artifact) {
      if (artifact.repositoryId !== 11) return room.artifacts.open(artifact);
      const endless = new Readable({ read: () => endless.push(Buffer.alloc(64 * 1_024)) });
      opened.push(endless);
      return endless;
    },
  };
  const log = pino({ level: "silent" });
  const server = await createContentServer({
    artifacts,
    links,
    host: null,
    log,
    trustedProxies: [],
    ...set,
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  ends.push(() => server.close());
  const pathOf = async (repositoryId: number) => {
    const run = await room.run({ repositoryId, accountId: repositoryId - 10 });
    await room.keep(run, "a", `${repositoryId}`);
    const [artifact] = await room.artifacts.ofRun(run.id);
    return new URL(links.url({ id: artifact?.id ?? 0 })).pathname;
  };
  /** One that reads its answer's head and nothing else. */
  const begin = (path: string) =>
    new Promise<{ readonly status: number; readonly asked: ClientRequest }>((resolve, reject) => {
      const asked = request(`${url}${path}`, { agent: false }, (answer) => {
        answer.on("error", () => undefined);
        resolve({ status: answer.statusCode ?? 0, asked });
      });
      asked.on("error", reject);
      asked.end();
      ends.push(() => asked.destroy());
    });
  return { begin, opened, ours: await pathOf(11), theirs: await pathOf(12) };
}

it("a repository's slow readers fill its own places, asked for at once, and leave others'", async () => {
  const { begin, opened, ours, theirs } = await serve();
  const all = await Promise.all(Array.from({ length: REPOSITORY_MAX + 3 }, () => begin(ours)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(REPOSITORY_MAX);
  expect(all.filter(({ status }) => status === 503)).toHaveLength(3);
  expect((await begin(theirs)).status).toBe(200);
  all.find(({ status }) => status === 200)?.asked.destroy();
  await until(() => opened.some(({ destroyed }) => destroyed), "the download that was let go");
  expect((await begin(ours)).status).toBe(200);
});

it("a download that nobody takes anything of is ended, and its place is free", async () => {
  const { begin, opened, ours } = await serve({ stalledMs: 200 });
  expect((await begin(ours)).status).toBe(200);
  await until(() => opened.length === 1 && opened[0]?.destroyed === true, "its end");
});
