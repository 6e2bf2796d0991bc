import type { AttemptId, RunId } from "../ids.ts";
import type { Db } from "./db.ts";
import { beyond, letGo } from "./let-go.ts";

export type ArtifactContent = { readonly sha256: string; readonly sizeBytes: number };

export type NewArtifact = ArtifactContent & {
  readonly runId: RunId;
  readonly attemptId: AttemptId;
  readonly repositoryId: number;
  /** `tree`: a file of the work tree, by its path. `action`: what a step uploaded under that name. */
  readonly origin: "tree" | "action";
  readonly name: string;
  /** Epoch ms. */
  readonly expiresAt: number;
};

export type Artifact = NewArtifact & { readonly id: number; readonly createdAt: number };

export type ArtifactBounds = { readonly repositoryMaxBytes: number; readonly maxBytes: number };

/** The table of artifacts. One never changes; its content is a file's business, and is there before the row is. */
export type ArtifactRows = {
  /** Of one run that have not expired, by name. */
  ofRun(runId: RunId, limit: number): Promise<readonly Artifact[]>;
  /** Null also for one that has expired. */
  get(id: number): Promise<Artifact | null>;
  has(artifact: Pick<NewArtifact, "runId" | "attemptId" | "origin" | "name">): Promise<boolean>;
  /** False when the attempt has one of that name: it then stays as it is. */
  add(artifact: NewArtifact): Promise<boolean>;
  /** Those whose content is gone. */
  forget(sha256: string): Promise<void>;
  /** Removes the least recently made until all bounds are kept; answers the contents that rows let go of. */
  evict(repositoryId: number, bounds: ArtifactBounds): Promise<readonly string[]>;
  /** Removes what has expired; answers as `evict`. */
  removeExpired(): Promise<readonly string[]>;
  /** Whether any has this content. */
  holds(sha256: string): Promise<boolean>;
};

type Row = {
  readonly id: number;
  readonly run_id: RunId;
  readonly attempt_id: AttemptId;
  readonly repository_id: number;
  readonly origin: "tree" | "action";
  readonly name: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly created_at: number;
  readonly expires_at: number;
};

const TABLE = "artifact";
/** The order in which they may stay. */
const NEWEST_FIRST = "created_at desc, id desc";
/** A row costs as much whatever its file's size: a busy repository's 100 runs of 200 files, and ten such repositories. Ours. */
const REPOSITORY_ROWS_MAX = 20_000;
const ROWS_MAX = 10 * REPOSITORY_ROWS_MAX;
/** What stays of too many, so that not each further file has them all ranked again. */
const ROWS_LEFT = 0.95;

/** Failures are `store_failed` and its kin. */
export function createArtifactRows(db: Db): ArtifactRows {
  const isBeyond = async (whose: object, maxBytes: number, maxRows: number): Promise<boolean> => {
    const sums: { bytes: number; count: number } = await db.read((knex) =>
      knex(TABLE).where(whose).first(knex.raw("coalesce(sum(size_bytes), 0) as bytes, count(*) as count")),
    );
    return sums.bytes > maxBytes || sums.count > maxRows;
  };

  return {
    async ofRun(runId, limit) {
      const rows: Row[] = await db.read((knex) =>
        knex(TABLE)
          .where({ run_id: runId })
          .andWhere("expires_at", ">", db.now())
          .orderBy(["origin", "name", "id"])
          .limit(limit),
      );
      return rows.map(toArtifact);
    },
    async get(id) {
      const row = await db.read((knex) =>
        knex<Row>(TABLE).where({ id }).andWhere("expires_at", ">", db.now()).first(),
      );
      return row === undefined ? null : toArtifact(row);
    },
    async has(artifact) {
      const row: unknown = await db.read((knex) => knex(TABLE).where(named(artifact)).first("id"));
      return row !== undefined;
    },
    add: (artifact) =>
      db.write(async (trx) => {
        const taken: unknown = await trx(TABLE).where(named(artifact)).first("id");
        if (taken !== undefined) return false;
        await trx(TABLE).insert({
          ...named(artifact),
          repository_id: artifact.repositoryId,
          sha256: artifact.sha256,
          size_bytes: artifact.sizeBytes,
          created_at: db.now(),
          expires_at: artifact.expiresAt,
        });
        return true;
      }),
    async forget(sha256) {
      await db.write((trx) => trx(TABLE).where({ sha256 }).delete());
    },
    async evict(repositoryId, { repositoryMaxBytes, maxBytes }) {
      const evictOf = async (whose: object, bytes: number, rows: number): Promise<readonly string[]> => {
        if (!(await isBeyond(whose, bytes, rows))) return [];
        const left = Math.floor(rows * ROWS_LEFT);
        return letGo(db, TABLE, (knex) => beyond(knex, knex(TABLE).where(whose), NEWEST_FIRST, bytes, left));
      };
      const own = await evictOf({ repository_id: repositoryId }, repositoryMaxBytes, REPOSITORY_ROWS_MAX);
      return [...own, ...(await evictOf({}, maxBytes, ROWS_MAX))];
    },
    removeExpired: () =>
      letGo(db, TABLE, (knex) => knex(TABLE).where("expires_at", "<=", db.now()).select("id", "sha256")),
    async holds(sha256) {
      const row: unknown = await db.read((knex) => knex(TABLE).where({ sha256 }).first("id"));
      return row !== undefined;
    },
  };
}

function named({
  runId,
  attemptId,
  origin,
  name,
}: Pick<NewArtifact, "runId" | "attemptId" | "origin" | "name">) {
  return { run_id: runId, attempt_id: attemptId, origin, name };
}

function toArtifact(row: Row): Artifact {
  return {
    id: row.id,
    runId: row.run_id,
    attemptId: row.attempt_id,
    repositoryId: row.repository_id,
    origin: row.origin,
    name: row.name,
    sha256: row.sha256,
    sizeBytes: row.size_bytes,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
