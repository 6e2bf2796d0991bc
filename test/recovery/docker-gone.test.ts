import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "../providers/docker-stage.ts";
import { dockerMissing } from "../servers/docker.ts";
import { startOwnDocker } from "../servers/own-docker.ts";
import { freePort, openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit, imbalances } from "./books.ts";

import type { OwnDocker } from "../servers/own-docker.ts";

const NAME = "gone";
const TEST_TIMEOUT_MS = 10 * 60_000;
/** Long enough for a daemon to be killed and started again meanwhile; only where the commit says so. */
const SLOW_WORKFLOW = `on: push
jobs:
  hydrate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: if [ -e slow ]; then touch /tmp/hydrating; sleep 20; fi
`;

describe.skipIf(dockerMissing() !== null)(
  `the Docker daemon dies by SIGKILL (${dockerMissing() ?? "a daemon of its own"})`,
  () => {
    let own: OwnDocker;
    let stage: Stage;
    let image: string;

    beforeAll(async () => {
      await prepareDocker();
      const shared = await dockerStage();
      const ids = (
        shared.docker("images", "crabbox-box", "--format", "{{.Repository}}:{{.Tag}}") ?? ""
      ).trim();
      image = ids.split("\n")[0] ?? "";
      own = await startOwnDocker(image, shared.server.socketPath);
      await shared.stop();
      const port = await freePort();
      const docker = {
        kind: "docker",
        name: NAME,
        socketPath: own.socketPath,
        image: { ref: image },
        reach: [`${own.address}:${port}`],
        classes: { standard: { memoryMib: 768, pids: 200 } },
      };
      stage = await openStage({
        github: { host: own.address, port },
        settings: { providers: [docker], defaults: { provider: NAME } },
        files: { ".github/workflows/ci.yml": SLOW_WORKFLOW },
      });
    }, PREPARE_TIMEOUT_MS);
    afterAll(async () => {
      try {
        await stage?.close();
      } finally {
        await own?.stop();
      }
    }, TEST_TIMEOUT_MS);

    /** The one box that runs, once something on it made the file. */
    const begun = (file: string) =>
      until(() => {
        const [id] = boxes();
        return id !== undefined && own.docker("exec", id, "test", "-e", file) !== null ? id : null;
      }, `${file} on a box`);
    const boxes = () =>
      (own.docker("ps", "-q", "--filter", `label=app.crabbox.provider=${NAME}`) ?? "")
        .split("\n")
        .filter((id) => id !== "");
    const nothingLeft = () =>
      until(
        () =>
          own.docker("ps", "-aq") === "" &&
          own.docker("network", "ls", "-q", "--filter", `label=app.crabbox.provider=${NAME}`) === "" &&
          audit(stage.app.stateDir, "select id from lease where state <> 'ended'").length === 0,
        "the end of every box",
        TEST_TIMEOUT_MS,
      );
    const newest = () =>
      audit(
        stage.app.stateDir,
        "select run.id, run.state, run.outcome, count(attempt.id) as attempts from run left join attempt on attempt.run_id = run.id group by run.id order by run.seq desc",
      )[0];

    test(
      "a run under way goes on to its end; its box ends once the daemon is back",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        const running = stage.run("/crabbox run -- touch /tmp/begun; sleep 8; echo came through");
        await begun("/tmp/begun");
        await own.kill();
        const check = await running;
        expect(check.conclusion, JSON.stringify(check.output)).toBe("success");
        expect(check.output.text).toContain("came through");
        await stage.comment("/crabbox stop");
        await own.start();
        await nothingLeft();
      },
    );

    test(
      "back during the set-up: the command may have begun unheard, so it is not repeated",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        const change = { repo: REPO, branch: "change", login: WRITER } as const;
        await stage.github.control.pushCommit({ ...change, files: { slow: "yes\n" } });
        const running = stage.run("/crabbox run -- echo came through");
        const first = await begun("/tmp/hydrating");
        await own.kill();
        await own.start();
        expect(boxes()).not.toContain(first);
        const check = await running;
        expect(check.output.title).toBe("The box was lost; the command may have begun");
        expect(newest()).toMatchObject({ outcome: "box_lost", attempts: 1 });
        await stage.github.control.pushCommit({ ...change, files: { slow: null } });
        await nothingLeft();
      },
    );

    test(
      "back while the command ran: box_lost, said so, and never a second time",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        const running = stage.run("/crabbox run -- touch /tmp/begun; sleep 600");
        await begun("/tmp/begun");
        await own.kill();
        await own.start();
        const check = await running;
        expect(check.conclusion).toBe("failure");
        expect(`${check.output.title}\n${check.output.summary}`).toMatch(/box (?:was )?lost/iu);
        expect(newest()).toMatchObject({ outcome: "box_lost", attempts: 1 });
        await nothingLeft();
      },
    );

    test(
      "a run that finds no daemon says so and what to do; with the daemon back it is repeated",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        await own.kill();
        const check = await stage.run("/crabbox run -- echo came through");
        expect(check.conclusion).toBe("failure");
        expect(check.output.summary).toContain("The Docker daemon did not answer");
        expect(check.output.summary).toContain("systemctl start docker");
        await own.start();
        expect((await stage.run("/crabbox retry")).conclusion).toBe("success");
        await stage.comment("/crabbox stop");
        await nothingLeft();
      },
    );

    test(
      "an image that was cleared away is named, with how to get it",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        const other = "crabbox-test/kept:1";
        own.docker("tag", image, other);
        own.docker("rmi", image);
        const check = await stage.run("/crabbox run -- echo came through");
        expect(check.conclusion).toBe("failure");
        expect(check.output.summary).toContain(`The image ${image} is not on this machine.`);
        expect(check.output.summary).toContain(`docker pull ${image}`);
        own.docker("tag", other, image);
        expect((await stage.run("/crabbox retry")).conclusion).toBe("success");
        await stage.comment("/crabbox stop");
        await nothingLeft();
        await until(() => imbalances(stage.app.stateDir).length === 0, "balanced books");
      },
    );
  },
);
