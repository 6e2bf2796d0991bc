import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { completed, runsOf } from "./chapters.ts";
import { MARKS, publishAction, publishWorkflow, SEES_ALL } from "./hydrate-story.ts";
import { localRoots } from "./journals.ts";
import { openScene, type Scene } from "./scene.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(steps: (port: number) => string): Promise<Scene> {
  const scene = await openScene();
  closing.push(scene.close);
  await publishAction(scene);
  await publishWorkflow(scene, "1", steps(scene.gate.port));
  return scene;
}

/** A line of a step that says it is there, under its task's id, and waits. */
const hold = (mark: string, port: number) =>
  `exec 3<>/dev/tcp/127.0.0.1/${port}; echo "${mark}-$CRABBOX_TASK" >&3; read -r code <&3; exec 3>&-`;

/** The nth attempt of the token's run, once it is there. */
async function attempt(scene: Scene, token: string, n: number): Promise<string> {
  return until(() => {
    const [run = ""] = runsOf(scene, token);
    const rows = audit(scene.stateDir, `select id from attempt where run_id = '${run}' and n = ${n}`);
    return rows[0] === undefined ? null : String(rows[0]["id"]);
  }, `attempt ${n} of ${token}`);
}

/** Its directory on the box. */
function taskDir(scene: Scene, id: string): string {
  const found = localRoots(scene.stateDir).map((root) => join(root, "tasks", id));
  return found.find((dir) => existsSync(dir)) ?? "";
}

describe("boxd is killed while a step prepares the box", () => {
  test("is told; the box serves nobody any more; the one new attempt succeeds on another", async () => {
    const scene = await opened((port) => `      - name: holds\n        run: ${hold("hold", port)}\n`);
    await scene.comment(`/crabbox run -- ${scene.gate.command("dies", SEES_ALL)}`);
    const first = await attempt(scene, "dies", 1);
    await scene.gate.reached(`hold-${first}`);
    const { pid } = JSON.parse(readFileSync(join(taskDir(scene, first), "go"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    const second = await attempt(scene, "dies", 2);
    await scene.gate.reached(`hold-${second}`);
    scene.gate.open(`hold-${second}`, 0);
    await scene.gate.reached("dies");
    scene.journals.keep();
    scene.gate.open("dies", 0);
    const check = await completed(scene, "dies", "success");
    expect(check.output.summary).toContain("Attempt 1 ended before the command began (boxd died)");
    expect(check.output.summary).toContain("attempt 2 ran on another box");
    const counts = (id: string) => MARKS.map((mark) => scene.gate.begun(`${mark}-${id}`));
    expect([counts(first), counts(second)]).toEqual([
      [1, 0, 1, 1],
      [1, 1, 1, 1],
    ]);
    expect(scene.gate.begun("dies")).toBe(1);
    await scene.quiet();
    const [lost, kept] = audit(
      scene.stateDir,
      "select lease.id, lease.state, box.state as box, box.unfit from attempt join lease on lease.id = attempt.lease_id join box on box.lease_id = lease.id order by attempt.n",
    );
    expect(lost).toMatchObject({ state: "ended", box: "gone", unfit: "The task was lost (boxd_died)." });
    expect(kept).toMatchObject({ unfit: null });
    expect(kept?.["id"]).not.toBe(lost?.["id"]);
    expect(taskDir(scene, first)).toBe("");
    expect(scene.journals.differences()).toEqual([]);
  });
});

const SECRET = "sesame-open-9";
/** No line of the story holds the value itself. */
const ASSEMBLED = 'v=sesame; v="$v-open-9"';

describe("what a step masks by ::add-mask::", () => {
  test("stays masked after the App was killed and after its link broke: in log, check and pages", async () => {
    const scene = await opened(
      (port) => `      - name: secretive
        run: |
          ${ASSEMBLED}; echo "::add-mask::$v"
          ${hold("killed", port)}
          echo "after the kill: $v"; echo "::warning::it is $v"
          ${hold("broken", port)}
          echo "after the break: $v"
`,
    );
    const told = `${ASSEMBLED}; echo "by the command: $v"`;
    await scene.comment(`/crabbox run -- ${scene.gate.command("masked", told)}`);
    const id = await attempt(scene, "masked", 1);
    await scene.gate.reached(`killed-${id}`);
    await scene.restart();
    scene.gate.open(`killed-${id}`, 0);
    await scene.gate.reached(`broken-${id}`);
    await breakLink(scene);
    scene.gate.open(`broken-${id}`, 0);
    await scene.gate.reached("masked");
    scene.journals.keep();
    scene.gate.open("masked", 0);
    const check = await completed(scene, "masked", "success");
    const lines = ["after the kill: ***", "after the break: ***", "by the command: ***"];
    const page = await (await fetch(`${check.detailsUrl}/download`)).text();
    for (const line of lines)
      expect([check.output.text, page]).toEqual([
        expect.stringContaining(line),
        expect.stringContaining(line),
      ]);
    await scene.quiet();
    const updates = await scene.stage.github.control.listCheckUpdates({ checkRunId: check.id });
    const said = [JSON.stringify(updates), ...(await scene.stickies()), page, ...logsOf(scene)];
    expect(said.filter((text) => text.includes(SECRET))).toEqual([]);
    expect(scene.journals.differences()).toEqual([]);
    expect(scene.gate.begun("masked")).toBe(1);
  });
});

/** Ends what follows the task for the App on the box, and waits until the App has another one there. */
async function breakLink(scene: Scene): Promise<void> {
  const fronts = () =>
    scene
      .leftProcesses()
      .filter((line) => / (?:start|follow) /u.test(line) && line.includes("boxd-") && !line.includes("bash"));
  const before = await until(() => (fronts().length > 0 ? fronts() : null), "the App to follow the task");
  for (const line of before) process.kill(Number(line.split(":")[0]), "SIGKILL");
  await until(() => fronts().some((line) => !before.includes(line)), "the App to follow the task again");
}

function logsOf(scene: Scene): readonly string[] {
  const dir = join(scene.stateDir, "logs");
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".journal"),
  );
  return files.map((name) => readFileSync(join(dir, name), "latin1"));
}
