import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { accountByLogin } from "../acts/accounts.ts";
import { pressAction, rerequestRun, rerequestSuite } from "../acts/checks.ts";
import { createComment, deleteComment, editComment } from "../acts/comments.ts";
import { addLabel, holdMerge, removeLabel, setDraft } from "../acts/pull-marks.ts";
import { editPull, openPull, setPullState } from "../acts/pulls.ts";
import { suiteById } from "../shapes/check.ts";
import type { World } from "../world.ts";
import type { ControlHandlers, CustomDelivery } from "./contract.ts";
import { commentById, pullByRef, repoByName, runById } from "./find.ts";

type Names =
  | "openPull"
  | "closePull"
  | "reopenPull"
  | "editPull"
  | "addLabel"
  | "removeLabel"
  | "setDraft"
  | "holdMerge"
  | "getPull"
  | "comment"
  | "commentMany"
  | "editComment"
  | "deleteComment"
  | "rerequestCheckRun"
  | "rerequestCheckSuite"
  | "pressButton"
  | "sendDeliveries"
  | "redeliver"
  | "waitIdle";

const IDLE_TIMEOUT_MS = 60_000;
const IDLE_POLL_MS = 20;

/** What people do on pull requests, and deliveries by hand. */
export function actHandlers(world: World): ControlHandlers<Names> {
  const who = (login: string) => accountByLogin(world, login);
  return {
    openPull: ({ repo, login, headRepo, ...request }) => {
      const repository = repoByName(world, repo);
      const head = headRepo === undefined ? repository : repoByName(world, headRepo);
      return openPull(world, repository, head, who(login), request);
    },
    closePull: (input) => setPullState(world, pullByRef(world, input), "closed", who(input.login)),
    reopenPull: (input) => setPullState(world, pullByRef(world, input), "open", who(input.login)),
    editPull: (input) => editPull(world, pullByRef(world, input), who(input.login), input),
    addLabel: (input) => addLabel(world, pullByRef(world, input), who(input.login), input.label),
    removeLabel: (input) => removeLabel(world, pullByRef(world, input), who(input.login), input.label),
    setDraft: (input) => setDraft(world, pullByRef(world, input), who(input.login), input.draft),
    holdMerge: (input) => holdMerge(world, pullByRef(world, input), input.held),
    getPull: (input) => pullByRef(world, input),
    comment: (input) => createComment(world, pullByRef(world, input), who(input.login), null, input.body),
    commentMany: async ({ comments }) => {
      const ids: number[] = [];
      for (const one of comments) {
        ids.push(createComment(world, pullByRef(world, one), who(one.login), null, one.body).id);
        // Calls and deliveries go on in between, so that their times stay honest.
        await nextTurn();
      }
      return { ids };
    },
    editComment: ({ commentId, login, body }) =>
      editComment(world, commentById(world, commentId), who(login), body),
    deleteComment: ({ commentId, login }) => {
      deleteComment(world, commentById(world, commentId), who(login));
      return {};
    },
    rerequestCheckRun: ({ checkRunId, login }) => {
      rerequestRun(world, runById(world, checkRunId), who(login));
      return {};
    },
    rerequestCheckSuite: async ({ checkSuiteId, login }) => {
      await rerequestSuite(world, suiteById(world, checkSuiteId), who(login));
      return {};
    },
    pressButton: ({ checkRunId, login, identifier }) => {
      pressAction(world, runById(world, checkRunId), who(login), identifier);
      return {};
    },
    sendDeliveries: ({ deliveries, appId }) => {
      return { guids: deliveries.map((delivery) => sendOne(world, appId ?? world.appId, delivery)) };
    },
    redeliver: ({ guid }) => {
      const delivery = [...world.tables.deliveries.all()].findLast((row) => row.guid === guid);
      if (delivery === undefined) throw new Error(`there is no delivery ${guid}`);
      return { id: world.hooks.redeliver(delivery).id };
    },
    waitIdle: async ({ timeoutMs }) => {
      const until = Date.now() + (timeoutMs ?? IDLE_TIMEOUT_MS);
      while (world.hooks.open() > 0 && Date.now() < until) await sleep(IDLE_POLL_MS);
      const open = world.hooks.open();
      return { idle: open === 0, open };
    },
  };
}

function sendOne(world: World, appId: number, delivery: CustomDelivery): string {
  const guid = delivery.guid ?? randomUUID();
  const payload = delivery.payload ?? {};
  const action = payload["action"];
  const installation = payload["installation"] as { id?: number } | undefined;
  const repository = payload["repository"] as { id?: number } | undefined;
  world.hooks.send({
    guid,
    event: delivery.event,
    action: typeof action === "string" ? action : null,
    body: delivery.body ?? JSON.stringify(payload),
    appId,
    installationId: installation?.id ?? null,
    repositoryId: repository?.id ?? null,
    signature: delivery.signature ?? "good",
    headers: delivery.headers ?? {},
  });
  return guid;
}
