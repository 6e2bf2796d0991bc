import { describe, expect, test } from "vitest";

import { openDocker } from "../../../runner-bootstrap/boxd/steps/docker/open.ts";
import { dockerMissing } from "../../servers/docker.ts";
import { build, container, containers, docker, dockerJob, endJobsAfterEach, labelled } from "./daemon.ts";
import type { Job } from "./daemon.ts";

const missing = dockerMissing();

endJobsAfterEach();

async function failed(job: Job, rest: Parameters<typeof containers>[0]): Promise<string> {
  const started = await job.docker.start(1, containers(rest));
  return "failed" in started ? started.failed : "";
}

describe.skipIf(missing !== null)(`containers that cannot be had (${missing ?? "a real daemon"})`, () => {
  test("an image that is nowhere is tried three times and named", async () => {
    const job = await dockerJob();
    const image = "127.0.0.1:9/no/such-image:1";
    const services = { first: container(job.server.base, { command: "sleep 999" }), db: container(image) };
    expect(await failed(job, { services })).toMatch(
      /^service db: docker pull 127\.0\.0\.1:9\/no\/such-image:1 ended/,
    );
    expect(job.host.logged().match(/\$? ?docker pull 127/g)?.length).toBeGreaterThanOrEqual(3);
    await job.docker.end(2);
    expect(labelled(job)).toEqual([]);
  });

  test.each([
    ["--no-such-flag", /unknown flag: --no-such-flag/],
    ["--memory=lots", /invalid/],
    ["--label app.crabbox.job=x --cpus=-1", /ended with/],
  ])("options %j are refused in docker's own words, and nothing is left", async (options, words) => {
    const job = await dockerJob();
    const said = await failed(job, { container: container(job.server.base, { options }) });
    expect(said).toMatch(/^the job's container: docker create ended with \d+/);
    expect(said + job.host.logged()).toMatch(words);
    await job.docker.end(2);
    expect(labelled(job)).toEqual([]);
  });

  test("options that name an image of their own do not escape the end", async () => {
    const job = await dockerJob();
    const options = `--label app.crabbox.job=x ${job.server.base} sleep 999`;
    const started = await job.docker.start(
      1,
      containers({ services: { odd: container("ignored", { options }) } }),
    );
    expect(started).toHaveProperty("failed");
    const odd = await job.docker.start(
      1,
      containers({ services: { odd: container(job.server.base, { options }) } }),
    );
    expect(odd).not.toHaveProperty("failed");
    const id = "failed" in odd ? "" : (odd.contexts.services["odd"] as { id: string }).id;
    await job.docker.end(2);
    expect(docker(job, "ps", "--all", "--quiet", "--no-trunc")).not.toContain(id);
  });

  test("options that take away the task's label are refused, and what they made is removed", async () => {
    const job = await dockerJob();
    const label = `app.crabbox.task=t_${job.key}`;
    const docker = openDocker({ ...job.host, containers: { label, begin: () => {} } }, job.key);
    const options = `--label app.crabbox.task=x ${job.server.base} sleep 999`;
    const start = (given: string) =>
      docker.start(
        1,
        containers({
          services: { odd: container(job.server.base, { options: given, command: "sleep 999" }) },
        }),
      );
    expect(await start(options)).toEqual({
      failed: "service odd: its options take away the label by which it is removed with its task",
    });
    expect(await start("--label app.crabbox.task=x")).not.toHaveProperty("failed");
    await docker.end(2);
    expect(labelled(job)).toEqual([]);
  });

  test.each([
    ["image", { image: "--privileged" }, "not the name of an image"],
    ["port", { ports: ["--privileged"] }, "docker create ended with"],
    ["volume", { volumes: ["/a:/b:/c:/d"] }, "docker create ended with"],
    ["NUL", { options: "--cpus=1\0" }, "a NUL in its arguments"],
  ])("a hostile %s is an argument, not an option", async (_what, rest, words) => {
    const job = await dockerJob();
    expect(await failed(job, { services: { a: container(job.server.base, rest) } })).toContain(words);
  });

  test("what a killed engine left in this workspace goes before the next job starts", async () => {
    const job = await dockerJob();
    const services = { stale: container(job.server.base, { entrypoint: "sleep", command: "999" }) };
    expect(await failed(job, { services })).toBe("");
    expect(labelled(job)).toHaveLength(2);
    const next = openDocker(job.host, `${job.key}-next`);
    expect(await next.prepare(1, { image: `docker://${job.server.base}` })).toEqual({
      image: job.server.base,
    });
    expect(labelled(job)).toEqual([]);
    await next.end(2);
  });

  test("a job of the same name in another workspace is left alone, and a step that removed all does not keep its containers", async () => {
    const job = await dockerJob();
    const services = { a: container(job.server.base, { entrypoint: "sleep", command: "999" }) };
    const wanted = containers({ container: container(job.server.base), services });
    const started = await job.docker.start(1, wanted);
    const other = await dockerJob();
    const same = openDocker(other.host, job.key);
    await same.start(1, containers({}));
    await same.end(2);
    expect(labelled(job)).toHaveLength(3);
    job.host.remove();
    const at = "failed" in started ? null : started.container;
    const program = { argv: ["true"], cwd: "/", env: {}, addPath: [], step: 1, onOutput: () => {} };
    expect(await at?.spawn(program)).toEqual({ code: 0 });
    expect(await at?.spawn({ ...program, cwd: job.host.places.workspace })).not.toEqual({ code: 0 });
    await job.docker.end(3);
    expect(labelled(job)).toEqual([]);
  });

  test("a job's container that cannot stay, and one where no Node can run", async () => {
    const { server } = await dockerJob();
    const node = "#!/bin/sh\\necho v99.0.0\\n";
    const bare = `FROM ${server.base}\nRUN rm -f /usr/lib/*/libstdc++* /usr/local/bin/node`;
    const noNode = build(server, "crabbox-test/no-node", bare);
    const own = build(
      server,
      "crabbox-test/own-node",
      `${bare} && printf '${node}' > /usr/local/bin/node && chmod +x /usr/local/bin/node`,
    );
    const noTail = build(server, "crabbox-test/no-tail", `FROM ${server.base}\nRUN rm /usr/bin/tail`);
    const at = async (image: string | null) => {
      const job = await dockerJob();
      const started = await job.docker.start(1, containers({ container: container(image ?? "") }));
      return { job, started };
    };
    expect((await at(noTail)).started).toEqual({ failed: expect.stringContaining("tail") });
    const none = (await at(noNode)).started;
    const found = "failed" in none ? null : await none.container?.node(1);
    expect(found).toEqual({ failed: expect.stringContaining("its image has no Node") });
    const has = await at(own);
    const theirs = "failed" in has.started ? null : await has.started.container?.node(1);
    expect(theirs).toEqual({ node: "node" });
    expect(has.job.host.logged()).toContain("the image's own Node v99.0.0");
  });
});
