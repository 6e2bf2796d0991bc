import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { ContainerSpec } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { dockerMissing } from "../../servers/docker.ts";
import { until } from "../../servers/until.ts";
import { carried, planOf, run, uses } from "../engine/plans.ts";
import { docker, dockerJob, endJobsAfterEach, labelled } from "./daemon.ts";
import type { Job } from "./daemon.ts";

const missing = dockerMissing();
const SERVER = "require('node:http').createServer((q,a)=>a.end('served:'+process.env.WHO)).listen(8080)";
const GREET = `#!/bin/bash -e
echo "::notice::seen $INPUT_WHO by $1 in $(pwd)"
echo "greeting=hello $INPUT_WHO" >> "$GITHUB_OUTPUT"
echo "LATER=set by the action" >> "$GITHUB_ENV"
`;
const PRE = '#!/bin/sh\necho "kept=by pre for $INPUT_WHO" >> "$GITHUB_STATE"\n';
const POST = '#!/bin/sh\necho "post has $STATE_kept"\n';
const SHOUT =
  "require('node:fs').appendFileSync(process.env.GITHUB_OUTPUT, 'said=' + process.env.INPUT_TEXT.toUpperCase() + '\\n')";

endJobsAfterEach();

function service(job: Job): ContainerSpec {
  return {
    image: job.server.base,
    env: { WHO: "${{ github.repository }}" },
    ports: ["8080"],
    volumes: [],
    entrypoint: "node",
    command: `-e "${SERVER}"`,
    options: `--health-cmd "node -e \\"fetch('http://127.0.0.1:8080')\\"" --health-interval 1s --health-retries 60`,
  };
}

/** One Docker action and one of JavaScript, as they are carried. */
function actions(job: Job) {
  const place = (name: string): string => {
    const directory = join(job.host.places.actions, name);
    mkdirSync(directory);
    return directory;
  };
  const greet = place("greet");
  for (const [name, script] of Object.entries({ entry: GREET, pre: PRE, post: POST }))
    writeFileSync(join(greet, `${name}.sh`), script, { mode: 0o755 });
  writeFileSync(
    join(greet, "Dockerfile"),
    `FROM ${job.server.base}\nCOPY *.sh /\nENTRYPOINT ["/entry.sh"]\n`,
  );
  writeFileSync(join(place("shout"), "index.js"), SHOUT);
  return {
    greet: carried("octo/greet", "greet", {
      inputs: { who: { required: true } },
      runs: {
        using: "docker",
        image: "Dockerfile",
        args: ["${{ inputs.who }}'s arg"],
        env: {},
        preEntrypoint: "/pre.sh",
        postEntrypoint: "/post.sh",
      },
    }),
    shout: carried("octo/shout", "shout", {
      inputs: { text: { required: true } },
      runs: { using: "node24", main: "index.js" },
    }),
  };
}

describe.skipIf(missing !== null)(`whole jobs with Docker (${missing ?? "a real daemon"})`, () => {
  test("a host job reaches its service by the mapped port, and a Docker action gives outputs", async () => {
    const job = await dockerJob();
    const fetched =
      "node -e \"fetch('http://127.0.0.1:${{ job.services.web.ports[8080] }}').then(async a=>console.log('got '+await a.text()))\"";
    const steps = [
      run(fetched),
      uses("greet", { who: "you" }, { id: "greet" }),
      run('echo "${{ steps.greet.outputs.greeting }} | $LATER"'),
    ];
    const plan = planOf(steps, { services: { web: service(job) }, actions: actions(job) });
    const result = await runJob(plan, job.host);
    expect(`${result.conclusion}\n${job.host.logged()}`).toMatch(/^success\n/);
    expect(job.host.logged()).toContain("got served:octo/repo");
    expect(job.host.logged()).toContain("hello you | set by the action");
    expect(job.host.logged()).toContain("post has by pre for you");
    expect(job.host.events).toContainEqual(
      expect.objectContaining({ e: "annotation", message: "seen you by you's arg in /github/workspace" }),
    );
    expect(docker(job, "ps", "--all", "--quiet", `--filter=label=app.crabbox.job=${plan.job}`)).toBe("");
  });

  test("in a job's container: steps, JavaScript, a Docker action, and the service by its name", async () => {
    const job = await dockerJob();
    const steps = [
      run("node -e \"fetch('http://web:8080').then(async a=>console.log('got '+await a.text()))\""),
      uses("shout", { text: "loud" }, { id: "shout" }),
      uses("greet", { who: "you" }, { id: "greet" }),
      run(
        'echo "$PWD ${{ github.workspace }} ${{ steps.shout.outputs.said }} ${{ steps.greet.outputs.greeting }} $LATER"',
      ),
      run("exit 3", { continueOnError: true, shell: "bash", id: "fails" }),
    ];
    const container = { image: job.server.base, env: {}, ports: [], volumes: [] };
    const services = { web: service(job) };
    const plan = planOf(steps, { container, services, actions: actions(job) });
    const result = await runJob(plan, job.host);
    expect(`${result.conclusion}\n${job.host.logged()}`).toMatch(/^success\n/);
    expect(job.host.logged()).toContain("got served:octo/repo");
    expect(job.host.logged()).toContain("/__w/repo/repo /__w/repo/repo LOUD hello you set by the action");
    expect(result.steps.find(({ id }) => id === "fails")).toMatchObject({
      outcome: "failure",
      conclusion: "success",
    });
  });

  test("a cancelled job ends its step, runs what always runs, and keeps no container", async () => {
    const job = await dockerJob();
    const container = { image: job.server.base, env: {}, ports: [], volumes: [] };
    const steps = [run("echo it is up; sleep 999"), run("echo always in $(pwd)", { if: "always()" })];
    const plan = planOf(steps, { job: job.key, container, services: { web: service(job) } });
    const running = runJob(plan, job.host);
    await until(() => job.host.logged().includes("it is up\n"), "the step in the container");
    job.host.cancel();
    expect((await running).conclusion).toBe("cancelled");
    expect(job.host.logged()).toContain("always in /__w/repo/repo");
    expect(labelled(job)).toEqual([]);
  });

  test("a service that cannot be had fails the job before its steps, and says which", async () => {
    const job = await dockerJob();
    const services = { web: { ...service(job), image: "127.0.0.1:9/none" } };
    const plan = planOf([run("echo never-ran"), run("echo ran-always", { if: "always()" })], { services });
    const result = await runJob(plan, job.host);
    expect(result.conclusion).toBe("failure");
    expect(job.host.logged()).not.toContain("never-ran");
    expect(job.host.events).toContainEqual(
      expect.objectContaining({
        level: "failure",
        message: expect.stringMatching(/^service web: docker pull 127/),
      }),
    );
  });
});
