import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { ContainerRun } from "../../../runner-bootstrap/boxd/steps/docker/docker.ts";
import { dockerMissing } from "../../servers/docker.ts";
import { until } from "../../servers/until.ts";
import { container, containers, docker, dockerJob, endJobsAfterEach, labelled } from "./daemon.ts";
import type { Job } from "./daemon.ts";

const missing = dockerMissing();
const ENTRYPOINT = `#!/bin/bash
echo "pwd=$(pwd) home=$HOME who=$INPUT_WHO args=$#"
for arg in "$@"; do echo "[$arg]"; done
cat seen-by-the-action
echo "greeting=hello $INPUT_WHO" >> "$GITHUB_OUTPUT"
echo made > "$GITHUB_WORKSPACE/made-by-the-action"
`;

endJobsAfterEach();

/** A Docker action as it is carried to a box, or as one of the workspace. */
function action(job: Job, place: "actions" | "workspace", dockerfile?: string): string {
  const directory = join(job.host.places[place], "greet");
  mkdirSync(directory, { recursive: true });
  const usual = `FROM ${job.server.base}\nCOPY entry.sh /entry.sh\nRUN echo built-now && mkdir /extra\nENTRYPOINT ["/entry.sh"]\n`;
  writeFileSync(join(directory, "Dockerfile"), dockerfile ?? usual);
  writeFileSync(join(directory, "entry.sh"), ENTRYPOINT, { mode: 0o755 });
  return directory;
}

async function prepared(job: Job, image: string, directory?: string): Promise<string> {
  const done = await job.docker.prepare(1, { image, ...(directory === undefined ? {} : { directory }) });
  if ("failed" in done) throw new Error(`${done.failed}\n${job.host.logged()}`);
  return done.image;
}

async function run(job: Job, image: string, rest: Partial<ContainerRun> = {}) {
  const said: Uint8Array[] = [];
  const onOutput = (chunk: Uint8Array) => said.push(chunk);
  const end = await job.docker.run({ step: 2, image, args: [], env: {}, onOutput, ...rest });
  return { end, said: Buffer.concat(said).toString("utf8") };
}

describe.skipIf(missing !== null)(`Docker actions (${missing ?? "a real daemon"})`, () => {
  test("a Dockerfile action gets arguments and inputs, and gives outputs; its image is built once and removed", async () => {
    const job = await dockerJob();
    const { workspace, files } = job.host.places;
    writeFileSync(join(workspace, "seen-by-the-action"), "the tree\n");
    const output = join(files, "output");
    writeFileSync(output, "");
    const image = await prepared(job, "Dockerfile", action(job, "actions"));
    const env = { INPUT_WHO: "you", GITHUB_OUTPUT: output, GITHUB_WORKSPACE: workspace, HOME: "/root" };
    const args = ["a b", "", "$(id)", '"q" \\'];
    const { end, said } = await run(job, image, { args, env });
    expect(said).toBe(
      'pwd=/github/workspace home=/github/home who=you args=4\n[a b]\n[]\n[$(id)]\n["q" \\]\nthe tree\n',
    );
    expect(end).toEqual({ code: 0 });
    expect(readFileSync(output, "utf8")).toBe("greeting=hello you\n");
    expect(readFileSync(join(workspace, "made-by-the-action"), "utf8")).toBe("made\n");

    const logged = job.host.logged().length;
    expect(await prepared(job, "Dockerfile", join(job.host.places.actions, "greet"))).toBe(image);
    expect(job.host.logged().length).toBe(logged);
    expect(labelled(job)).toEqual([image]);
    await job.docker.end(3);
    expect(labelled(job)).toEqual([]);
  });

  test("an action of the workspace is built anew when a step has changed it", async () => {
    const job = await dockerJob();
    const from = `FROM ${job.server.base}\n`;
    const directory = action(job, "workspace", `${from}ENTRYPOINT ["echo", "first"]\n`);
    expect((await run(job, await prepared(job, "Dockerfile", directory))).said).toBe("first\n");
    action(job, "workspace", `${from}ENTRYPOINT ["echo", "second"]\n`);
    expect((await run(job, await prepared(job, "Dockerfile", directory))).said).toBe("second\n");
  });

  test("docker://IMAGE with an entrypoint and a line of arguments, in the job's network", async () => {
    const job = await dockerJob();
    const server = "require('net').createServer((to)=>to.end('from-the-service')).listen(7000)";
    const peer = container(job.server.base, { entrypoint: "node", command: `-e ${server}` });
    const started = await job.docker.start(1, containers({ services: { peer } }));
    expect(started).not.toHaveProperty("failed");
    const image = await prepared(job, `docker://${job.server.base}`);
    expect(image).toBe(job.server.base);
    const client = "require('net').connect(7000,'peer').pipe(process.stdout)";
    const ran = await run(job, image, { entrypoint: "node", args: `-e "${client}" -- ignored` });
    expect(ran).toEqual({ end: { code: 0 }, said: "from-the-service" });
    await job.docker.end(3);
    expect(docker(job, "image", "inspect", "--format={{.Id}}", image)).toMatch(/^sha256:/);
  });

  test("codes are the action's own, and a timeout or a cancelled step ends its container", async () => {
    const job = await dockerJob();
    const image = await prepared(job, `docker://${job.server.base}`);
    expect((await run(job, image, { entrypoint: "sh", args: ["-c", "exit 9"] })).end).toEqual({ code: 9 });
    const sleeps = {
      entrypoint: "bash",
      args: ["-c", "trap 'echo asked; exit 5' INT; echo up; sleep 999 & wait"],
    };
    const timed = await run(job, image, { ...sleeps, timeoutMs: 3_000 });
    expect(timed).toEqual({ end: { code: 5, timedOut: true }, said: "up\nasked\n" });
    const abort = new AbortController();
    const running = run(job, image, { ...sleeps, onOutput: () => abort.abort(), signal: abort.signal });
    expect((await running).end).toEqual({ code: 5 });
    await until(() => labelled(job).length === 0, "the removal of the containers");
  });

  test("what cannot be built or is no image fails with its reason", async () => {
    const job = await dockerJob();
    const fail = async (image: string, directory?: string) => {
      const done = await job.docker.prepare(1, { image, ...(directory === undefined ? {} : { directory }) });
      return "failed" in done ? done.failed : "";
    };
    const directory = action(job, "actions", `FROM ${job.server.base}\nRUN echo so-it-breaks && exit 4\n`);
    expect(await fail("Dockerfile", directory)).toMatch(
      /^docker build of the action's image ended with \d+$/,
    );
    expect(job.host.logged()).toContain("so-it-breaks");
    expect(await fail("sub/Dockerfile", directory)).toBe("the action has no file sub/Dockerfile");
    expect(await fail("entry.sh", directory)).toContain("not an image of a Docker action: entry.sh");
    expect(await fail("docker://--privileged")).toContain("not the name of an image");
    expect(await fail("docker://a b")).toContain("not the name of an image");
  });
});
