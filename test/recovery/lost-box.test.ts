import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { completed, runQuickly, runsOf } from "./chapters.ts";
import { openHostScene, type HostScene } from "./host-scene.ts";
import { localRoots } from "./journals.ts";
import { openScene, type Scene } from "./scene.ts";

const isRoot = process.getuid?.() === 0;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened<T extends Scene | HostScene>(opening: Promise<T>): Promise<T> {
  const scene = await opening;
  closing.push(scene.close);
  return scene;
}

/** Begins a run whose sync hangs at git; answers how to let git go on. */
async function beginStuck(scene: Scene, token: string): Promise<() => Promise<void>> {
  const { control } = scene.stage.github;
  await control.setFaults({ faults: [{ effect: "hang", scope: "git", times: 0 }] });
  await scene.comment(`/crabbox run -- ${scene.gate.command(token)}`);
  return async () => {
    await control.setFaults({ faults: [] });
  };
}

/** The task that runs on one of these roots: its directory, once boxd has claimed it. */
async function claimed(roots: () => readonly string[]): Promise<string> {
  return until(
    () =>
      roots()
        .map((root) => join(root, "tasks"))
        .filter((tasks) => existsSync(tasks))
        .flatMap((tasks) => readdirSync(tasks).map((id) => join(tasks, id)))
        .find((dir) => existsSync(join(dir, "go")) && !existsSync(join(dir, "exit"))),
    "a task to be claimed",
  );
}

function killSupervisor(taskDir: string): void {
  const { pid } = JSON.parse(readFileSync(join(taskDir, "go"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

function attemptsOf(scene: Scene, token: string) {
  const [run = ""] = runsOf(scene, token);
  return audit(scene.stateDir, `select lease_id, executed from attempt where run_id = '${run}' order by n`);
}

describe("boxd is killed", () => {
  test("before the command: one more attempt on another box", async () => {
    const scene = await opened(openScene());
    const goOn = await beginStuck(scene, "before");
    const task = await claimed(() => localRoots(scene.stateDir));
    // In this order: a fetch that is asked for late, on a busy machine, would go through and the command begin.
    killSupervisor(task);
    await goOn();
    await scene.gate.reached("before");
    scene.journals.keep();
    scene.gate.open("before", 0);
    await completed(scene, "before", "success");
    const attempts = attemptsOf(scene, "before");
    expect(attempts.map(({ executed }) => executed)).toEqual([0, 1]);
    expect(new Set(attempts.map((attempt) => attempt["lease_id"])).size).toBe(2);
    expect(scene.gate.begun("before")).toBe(1);
    expect(scene.journals.differences()).toEqual([]);
  });

  test("during the command: never again, and the check says what happened", async () => {
    const scene = await opened(openScene());
    await scene.comment(`/crabbox run -- ${scene.gate.command("during")}`);
    await scene.gate.reached("during");
    scene.journals.keep();
    killSupervisor(await claimed(() => localRoots(scene.stateDir)));
    const check = await completed(scene, "during", "failure");
    expect(check.output.title).toBe("The box was lost while the command ran");
    expect(check.output.summary).toContain("boxd ended unexpectedly");
    expect(check.output.summary).toContain("/crabbox retry");
    expect(scene.gate.begun("during")).toBe(1);
    await scene.quiet();
    expect(scene.journals.differences()).toEqual([]);
    // What was left of the command went with its box.
    expect(audit(scene.stateDir, "select state from lease")).toEqual([{ state: "ended" }]);
  });
});

describe("the box restarts (a PID namespace of its own, root only)", () => {
  test("before the command: one more attempt", async ({ skip }) => {
    if (!isRoot) return skip("needs root");
    const { scene, sshd, user } = await opened(openHostScene({ pidNamespace: true }));
    const goOn = await beginStuck(scene, "early");
    await claimed(() => [join(user.home, ".crabbox", "slots", "1", "root")]);
    await sshd.reboot();
    await goOn();
    await scene.gate.reached("early");
    scene.gate.open("early", 0);
    await completed(scene, "early", "success");
    expect(attemptsOf(scene, "early").map(({ executed }) => executed)).toEqual([0, 1]);
    expect(scene.gate.begun("early")).toBe(1);
  });

  test("during the command: told as such, never again", async ({ skip }) => {
    if (!isRoot) return skip("needs root");
    const { scene, sshd } = await opened(openHostScene({ pidNamespace: true }));
    await scene.comment(`/crabbox run -- ${scene.gate.command("late")}`);
    await scene.gate.reached("late");
    scene.journals.keep();
    await sshd.reboot();
    const check = await completed(scene, "late", "failure");
    expect(check.output.title).toBe("The box restarted during the run");
    expect(check.output.summary).toContain(
      "The box restarted while the command ran; it is not repeated by itself.",
    );
    expect(scene.gate.begun("late")).toBe(1);
    expect(scene.journals.differences()).toEqual([]);
    await runQuickly(scene, "the-host-serves-again", 0, "success");
  });
});
