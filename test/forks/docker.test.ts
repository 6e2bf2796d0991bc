import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "../providers/docker-stage.ts";
import { bridgeAddress, dockerMissing } from "../servers/docker.ts";
import { freePort, openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

import type { DockerStage } from "../providers/docker-stage.ts";

const STRANGER = "frida";
const PLANTED = "/tmp/planted";
/** Some runs and two boxes on a busy machine. */
const TEST_TIMEOUT_MS = 10 * 60_000;

describe.skipIf(dockerMissing() !== null)(
  `a fork's pull request in docker boxes (${dockerMissing() ?? "a real daemon"})`,
  () => {
    let boxes: DockerStage;
    let stage: Stage;

    beforeAll(async () => {
      await prepareDocker();
      boxes = await dockerStage();
      const host = bridgeAddress(boxes.server.socketPath);
      const port = await freePort();
      const docker = {
        kind: "docker",
        name: boxes.name,
        socketPath: boxes.server.socketPath,
        image: { base: boxes.server.base },
        reach: [`${host}:${port}`],
        classes: { standard: { memoryMib: 768, pids: 200 } },
      };
      stage = await openStage({
        github: { host, port },
        settings: { providers: [docker], defaults: { provider: boxes.name } },
      });
    }, PREPARE_TIMEOUT_MS);
    afterAll(async () => {
      try {
        await stage?.close();
      } finally {
        await boxes?.stop();
      }
    });

    const concluded = (part: string, conclusion: string) =>
      until(
        async () => {
          const newest = (await stage.checks()).findLast(({ name }) => name.includes(part));
          return newest?.conclusion === conclusion ? newest : null;
        },
        `the check of "${part}" to be concluded as ${conclusion}`,
        TEST_TIMEOUT_MS,
      );

    test(
      "is held, runs once approved, and its box serves it alone",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        const { control } = stage.github;
        await control.createAccount({ login: STRANGER });
        await control.forkRepository({ repo: REPO, owner: STRANGER });
        const fork = { repo: `${STRANGER}/shop`, login: STRANGER, branch: "theirs", parent: "main" };
        const { sha } = await control.pushCommit({ ...fork, files: { "theirs.txt": "theirs\n" } });
        const { number } = await control.openPull({
          repo: REPO,
          login: STRANGER,
          title: "From a fork",
          head: "theirs",
          base: "main",
          headRepo: fork.repo,
        });
        const say = (body: string) => control.comment({ repo: REPO, number, login: WRITER, body });

        await say(`/crabbox run -- git rev-parse HEAD; touch ${PLANTED}`);
        const held = await concluded("rev-parse", "action_required");
        expect(held.output.summary).toContain(`/crabbox approve ${sha}`);
        await say(`/crabbox approve ${sha}`);
        expect((await concluded("rev-parse", "success")).output.text).toContain(sha);

        // Warm for the same pull request, and never for the repository's own branches.
        await say("/crabbox run -- echo second");
        expect((await concluded("echo second", "success")).output.summary).toContain("warm, used before");
        const own = await stage.run(`/crabbox run -- test ! -e ${PLANTED}`);
        expect(own.conclusion).toBe("success");
        expect(own.output.summary).not.toContain("warm, used before");
      },
    );
  },
);
