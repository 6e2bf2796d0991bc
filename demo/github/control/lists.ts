import { accountById } from "../shapes/account.ts";
import { checkRunShape } from "../shapes/check.ts";
import { repositoryById } from "../shapes/pull.ts";
import { fullName } from "../shapes/repository.ts";
import type { Delivery, Json } from "../model.ts";
import type { World } from "../world.ts";
import type { ControlHandlers, DeliveryStats } from "./contract.ts";
import { repoByName, runById } from "./find.ts";

type Names =
  | "listComments"
  | "listCommentEdits"
  | "listReactions"
  | "listCheckRuns"
  | "listCheckSuites"
  | "listCheckUpdates"
  | "checkRunAsApi"
  | "listAnnotations"
  | "listDeliveries"
  | "deliveryPayload"
  | "deliveryStats"
  | "listRequests"
  | "clearRequests"
  | "listViolations"
  | "clearViolations";

/** The effects: what a test counts. */
export function listHandlers(world: World): ControlHandlers<Names> {
  const { tables, journal, store } = world;
  const idOf = (repo: string | undefined): number | null =>
    repo === undefined ? null : repoByName(world, repo).id;
  const nameOf = (id: number): string => fullName(world, repositoryById(world, id));
  const loginOf = (id: number): string => accountById(world, id).login;
  return {
    listComments: ({ repo, number, deleted, login }) => {
      const id = idOf(repo);
      const rows = [...tables.comments.all()].filter((row) => {
        if (id !== null && row.repositoryId !== id) return false;
        if (number !== undefined && row.number !== number) return false;
        if (login !== undefined && loginOf(row.authorId) !== login) return false;
        return deleted === true || row.deletedAt === null;
      });
      return rows.map((row) =>
        Object.assign({}, row, { author: loginOf(row.authorId), repo: nameOf(row.repositoryId) }),
      );
    },
    listCommentEdits: ({ commentId }) => [...tables.editsByComment(commentId)],
    listReactions: ({ commentId, removed }) => {
      const rows =
        commentId === undefined ? [...tables.reactions.all()] : tables.reactionsByComment(commentId);
      const kept = rows.filter((row) => removed === true || row.removedAt === null);
      return kept.map((row) => Object.assign({}, row, { user: loginOf(row.userId) }));
    },
    listCheckRuns: ({ repo, sha, name }) => {
      const id = idOf(repo);
      const rows = [...tables.runs.all()].filter((row) => {
        if (id !== null && row.repositoryId !== id) return false;
        if (sha !== undefined && row.headSha !== sha) return false;
        return name === undefined || row.name === name;
      });
      return rows.map((row) => Object.assign({}, row, { repo: nameOf(row.repositoryId) }));
    },
    listCheckSuites: ({ repo, sha }) => {
      const id = idOf(repo);
      const rows = [...tables.suites.all()].filter((row) => row.repositoryId === id);
      return rows.filter((row) => sha === undefined || row.headSha === sha);
    },
    listCheckUpdates: ({ checkRunId }) => [...tables.updatesByRun(checkRunId)],
    listAnnotations: ({ checkRunId }) => tables.annotationsByRun(checkRunId).map(({ value }) => value),
    checkRunAsApi: ({ checkRunId }) => checkRunShape(world, runById(world, checkRunId)),
    listDeliveries: ({ event, action, limit }) => {
      const rows = [...tables.deliveries.all()].filter((row) => {
        return (event ?? row.event) === row.event && (action ?? row.action) === row.action;
      });
      return limit === undefined ? rows : rows.slice(-limit);
    },
    deliveryPayload: ({ deliveryId }) => {
      const delivery = tables.deliveries.get(deliveryId);
      return JSON.parse(store.getText(delivery?.payloadId ?? "") ?? "null") as Json;
    },
    deliveryStats: ({ event }) => {
      const rows = [...tables.deliveries.all()].filter((row) => (event ?? row.event) === row.event);
      return statsOf(rows, world.hooks.open());
    },
    listRequests: ({ kind, since, limit }) => {
      const rows = journal.requests().filter((row) => {
        return (kind ?? row.kind) === row.kind && row.seq > (since ?? 0);
      });
      return limit === undefined ? rows : rows.slice(-limit);
    },
    clearRequests: () => {
      journal.clearRequests();
      return {};
    },
    listViolations: ({ kind }) =>
      [...tables.violations.all()].filter((row) => (kind ?? row.kind) === row.kind),
    clearViolations: () => {
      for (const row of tables.violations.all()) tables.violations.delete(row.id);
      return {};
    },
  };
}

function statsOf(rows: readonly Delivery[], open: number): DeliveryStats {
  const done = rows.filter((row) => row.state === "done");
  const times = done.map((row) => row.durationMs).sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const byStatusCode: Record<string, number> = {};
  for (const row of done) byStatusCode[row.statusCode] = (byStatusCode[row.statusCode] ?? 0) + 1;
  return {
    total: rows.length,
    open,
    byStatusCode,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: times.at(-1) ?? 0,
  };
}
