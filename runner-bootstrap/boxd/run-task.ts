/** All phases of one task, in order, and its one end. */

import { mkdirSync, rmSync } from "node:fs";

import { createArtifactQuota } from "./artifacts/quota.ts";
import { boxFacts } from "./box-facts.ts";
import { isDiskFull, linkExit, makeTaskDurable, wasExecuted } from "./claim.ts";
import { TERM_GRACE_MS, endAll } from "./contain/end-all.ts";
import { openContainment } from "./contain/ladder.ts";
import { endContainers, removeStaleContainers } from "./containers.ts";
import type { Control } from "./control.ts";
import type { StepState } from "./environment.ts";
import { commandEnvironment } from "./environment.ts";
import type { Prepared } from "./execute.ts";
import { executePhase, prepareExecute } from "./execute.ts";
import type { Fifo } from "./fifo.ts";
import { openJournal } from "./journal.ts";
import { masksOf } from "./given.ts";
import type { Layout } from "./layout.ts";
import { taskTmp, workTree } from "./layout.ts";
import { maskedExit } from "./mask/masked-exit.ts";
import { createMasker } from "./mask/masker.ts";
import { readOomKills } from "./oom.ts";
import { openCollector, tellCollected } from "./results/tell.ts";
import { createPhases } from "./phases.ts";
import type { PhaseResult } from "./phases.ts";
import type { Probe } from "./probe.ts";
import { sandboxArgv } from "./sandbox.ts";
import { borrowedBy, hydratedPlaces } from "./sync-places.ts";
import { isOver } from "./state.ts";
import { createStop } from "./stop.ts";
import type { ReadyShells } from "./sync/shells.ts";
import { syncPhase } from "./sync/sync-phase.ts";
import type { SyncPhase, Task, TaskExit } from "./task.ts";
import { taskEvent } from "./task-event.ts";
import { DRAIN_MS, isInNamespace } from "./unit.ts";
import { createUnits } from "./units.ts";
import { hydratePhase, jobPhase } from "./hydrate-phase.ts";
import { readStepState } from "./step-state.ts";

export type TaskDeps = {
  readonly layout: Layout;
  readonly dir: string;
  readonly epoch: string;
  readonly probe: Probe;
  /** FIFOs made ahead. */
  readonly fifos: Fifo[];
  /** Shells for the sync's git, made ahead. */
  readonly shells: ReadyShells;
  /** Hands the control messages on from now. */
  readonly listen: (handler: (control: Control) => void) => void;
};

/** Runs the claimed task to its linked exit record. Never throws: what goes wrong is in the record. */
export async function runTask(deps: TaskDeps, task: Task): Promise<void> {
  const { layout, dir, probe } = deps;
  const oomBefore = readOomKills();
  const durable = makeTaskDurable(layout);
  // Awaited right before the command; a task that ends earlier does not care.
  durable.catch(() => undefined);
  const masker = createMasker();
  const { secrets, tokens } = masksOf(task.given);
  const syncTokens = task.syncToken === undefined ? [] : [task.syncToken];
  const skipped = masker.add([...task.secrets, ...secrets], [...tokens, ...syncTokens]);
  const journal = openJournal(dir, task.logCapBytes, masker);
  const stop = createStop(dir, task.deadlineAt);
  let token = task.syncToken;
  deps.listen((control) => {
    if (control.op === "cancel") stop.request({ why: "cancelled", by: control.by });
    else if (control.op === "extend") stop.setDeadline(control.deadlineAt);
    else {
      masker.add([], [control.token]);
      token = control.token;
    }
  });
  journal.event(taskEvent(task, deps.epoch, probe));
  if (skipped > 0)
    journal.event({ e: "note", text: `${skipped} secret(s) shorter than 4 bytes cannot be masked` });

  const tree = task.sync === undefined ? layout.home : workTree(layout, task.sync.owner, task.sync.repo);
  const tmp = taskTmp(layout, task.id);
  const containment = openContainment(
    { probe, root: layout.root },
    { id: task.id, dir, workTrees: [tree], isSandboxed: task.sandbox === "bwrap" },
  );
  const graceMs = task.graceMs ?? TERM_GRACE_MS;
  const phases = createPhases(journal, stop);
  const environment = (state?: StepState): Record<string, string> =>
    commandEnvironment(layout, task, process.env, state ?? readStepState(layout, task));
  let result: PhaseResult = {};
  let stale: readonly string[] = [];
  const quota = createArtifactQuota(task.artifacts?.runMaxBytes ?? 0);
  const taskPlace = { task, layout, tree, dir, masker, quota };
  const collector = openCollector(taskPlace);
  const units = createUnits({ containment, journal, masker, layout, fifos: deps.fifos, stop, graceMs });
  try {
    mkdirSync(tmp, { recursive: true, mode: 0o700 });
    // A reboot, or a daemon that was down, may have kept them from being removed with their task.
    stale = await removeStaleContainers(layout, async (other) => isOver(layout, other));
    // The App fetched what it wanted of them before this lease was anybody's again.
    for (const left of [layout.caches, layout.artifacts]) rmSync(left, { recursive: true, force: true });
    const { sync, hydrate, execute, job } = task;
    const sandbox = (): string[] =>
      task.sandbox === "bwrap"
        ? sandboxArgv(layout, {
            writable: [tree, tmp, layout.home, ...hydratedPlaces(layout, sync)],
            readable: sync === undefined ? [] : [...borrowedBy(layout, sync), process.execPath],
            hidden: (process.env["CRABBOX_HIDE"] ?? "").split(":").filter((path) => path.startsWith("/")),
            // The machine's own: a step that named a directory would have it shown.
            path: task.env["PATH"] ?? process.env["PATH"] ?? "",
          })
        : [];
    const { heard } = collector;
    const place = { dir, tree, tmp, units, environment, sandbox, heard };
    const mayPrepare = hydrate === undefined && (task.sandbox === "none" || probe.bwrap);
    let prepared: Prepared | undefined;
    // Starting a program holds boxd up for milliseconds: not while an answer of the network is awaited.
    const onLocal = (): void => {
      if (mayPrepare && execute !== undefined) prepared ??= prepareExecute(place, execute);
    };
    const bring = async (what: SyncPhase): Promise<PhaseResult> =>
      syncPhase(
        { layout, probe, journal, signal: stop.signal, token: () => token, shells: deps.shells, onLocal },
        what,
      );
    if (sync !== undefined) result = await phases.run("sync", async () => bring(sync));
    // The commit is here by now, so this asks for no network.
    const freshTree = async (): Promise<string | null> =>
      sync === undefined ? null : ((await bring({ ...sync, keep: [] })).exit?.error ?? null);
    const steps = {
      layout,
      tmp,
      tree,
      units,
      journal,
      masker,
      quota,
      environment,
      sandbox,
      graceMs,
      freshTree,
      stopped: stop.signal,
    };
    if (result.failed === true && prepared !== undefined) units.drop(prepared.gated);
    if (task.sandbox === "bwrap" && !probe.bwrap && result.failed !== true)
      result = { failed: true, exit: { error: "bubblewrap does not work on this box" } };
    if (result.failed !== true && (hydrate !== undefined || task.hydrated !== undefined)) {
      result = await phases.run("hydrate", async () => hydratePhase(steps, task));
    }
    if (result.failed !== true && job !== undefined) {
      result = await phases.run("execute", async () => jobPhase(steps, task, job, { dir, durable }));
    }
    if (result.failed !== true && execute !== undefined) {
      result = await phases.run("execute", async () =>
        executePhase({ ...place, prepared, durable }, execute),
      );
    }
  } catch (error) {
    result = {
      failed: true,
      exit: { error: isDiskFull(error) ? "no space left on the box" : String(error) },
    };
  }
  const processes = await endAll(
    containment,
    // What the task itself waited for is over: the rest gets the drain's time, no more.
    Math.min(graceMs, DRAIN_MS),
    isInNamespace(containment, task.sandbox === "bwrap"),
  );
  await units.close();
  // What is cleared away from here on takes its time, and a deadline or a cancel in it says nothing of the command.
  stop.dispose();
  // Services say why a command that needs them has failed.
  const log = result.failed === true && stop.reason === undefined ? { journal, masker } : null;
  const survivors = [...stale, ...processes, ...(await endContainers(layout, task.id, log))];
  rmSync(tmp, { recursive: true, force: true });
  const { gapBytes, diskFull } = journal.finish();
  if (survivors.length > 0) journal.event({ e: "left", processes: survivors });
  await tellCollected(journal, collector, stop, taskPlace);
  if (result.failed === true || stop.reason !== undefined) journal.event(boxFacts(() => environment()));
  const oomKills = readOomKills() - oomBefore;
  const exit: TaskExit = {
    ...result.exit,
    ...stop.reason,
    executed: wasExecuted(dir),
    survivors,
    rung: probe.rung,
    endedAt: Date.now(),
    ...(oomKills > 0 ? { oomKills } : {}),
    ...(diskFull ? { diskFull } : {}),
    ...(gapBytes > 0 ? { gapBytes } : {}),
  };
  journal.event({ e: "exit", ...exit });
  journal.close();
  linkExit(dir, maskedExit(exit, masker));
}
