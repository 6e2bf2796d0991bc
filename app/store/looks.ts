import type { Knex } from "knex";
import type { RunState } from "../runs/run.ts";
import { toAccount, type AccountRow } from "./accounts.ts";
import type { Db } from "./db.ts";
import { toEvent, type EventRow, type StoredEvent } from "./events.ts";
import { toRepository, type RepositoryRow } from "./repositories.ts";
import type { Account, Repository, Run } from "./rows.ts";
import { toRun, type RunRow } from "./runs-row.ts";

/** A part of a longer list: so many after the first `from`. */
export type Slice = { readonly from: number; readonly limit: number };

/** A delivery without its body, as a list shows it. */
export type DeliveryLine = {
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly state: string;
  readonly tries: number;
  readonly receivedAt: number;
  readonly error: string | null;
};

/** What happened in one pull request: its newest run and how many there are. */
export type PullRequestLine = { readonly number: number; readonly runs: number; readonly newest: Run };

/** What the pages read beyond single rows: lists, newest first, always bounded. Who may see them is the pages' business. */
export type Looks = {
  /** Those with the newest runs first; owners by login, any case. Null: of all accounts. */
  repositories(owners: readonly string[] | null, slice: Slice): Promise<readonly Repository[]>;
  /** By the name it has now; any case. */
  repositoryNamed(owner: string, name: string): Promise<Repository | null>;
  runs(
    filter: { readonly repositoryIds: readonly number[]; readonly states?: readonly RunState[] },
    slice: Slice,
  ): Promise<readonly Run[]>;
  pullRequests(repositoryId: number, slice: Slice): Promise<readonly PullRequestLine[]>;
  accounts(slice: Slice): Promise<readonly Account[]>;
  deliveries(slice: Slice): Promise<readonly DeliveryLine[]>;
  /** Of one subject, or of one thing, or all. */
  events(
    filter: { readonly subject?: string; readonly subjectId?: string },
    slice: Slice,
  ): Promise<readonly StoredEvent[]>;
};

/** The lists that pages show. Failures are `store_failed` and its kin. */
export function createLooks(db: Db): Looks {
  const cut = (query: Knex.QueryBuilder, { from, limit }: Slice) => query.offset(from).limit(limit);
  return {
    async repositories(owners, slice) {
      const rows: RepositoryRow[] = await db.read((knex) => {
        const newest = knex("run").max("seq").whereRaw("run.repository_id = repository.id").as("newest");
        const all = knex("repository").select("repository.*", newest);
        if (owners !== null) void all.whereRaw(...lowerIn("owner", owners));
        return cut(all.orderByRaw("newest is null, newest desc, id desc"), slice);
      });
      return rows.map((row) => toRepository(row));
    },
    async repositoryNamed(owner, name) {
      const row = await db.read((knex) =>
        knex<RepositoryRow>("repository")
          .whereRaw("lower(owner) = ? and lower(name) = ?", [owner.toLowerCase(), name.toLowerCase()])
          // A name that was given away and taken again belongs to who was heard of last.
          .orderBy("updated_at", "desc")
          .first<RepositoryRow | undefined>(),
      );
      return row === undefined ? null : toRepository(row);
    },
    async runs({ repositoryIds, states }, slice) {
      const rows: RunRow[] = await db.read((knex) => {
        const all = knex("run").whereIn("repository_id", repositoryIds).select();
        if (states !== undefined) void all.whereIn("state", states);
        return cut(all.orderBy("seq", "desc"), slice);
      });
      return rows.map((row) => toRun(row));
    },
    async pullRequests(repositoryId, slice) {
      const rows: (RunRow & { readonly runs: number })[] = await db.read((knex) => {
        const grouped = knex("run")
          .where({ repository_id: repositoryId })
          .whereNotNull("pull_request")
          .groupBy("pull_request")
          .select(knex.raw("max(seq) as newest, count(*) as runs"))
          .as("pull");
        const all = knex("run").join(grouped, "pull.newest", "run.seq").select("run.*", "pull.runs");
        return cut(all.orderBy("run.seq", "desc"), slice);
      });
      return rows.map((row) => ({ number: Number(row.pull_request), runs: row.runs, newest: toRun(row) }));
    },
    async accounts(slice) {
      const rows: AccountRow[] = await db.read((knex) =>
        cut(knex("account").orderByRaw("lower(login)").select(), slice),
      );
      return rows.map((row) => toAccount(row));
    },
    async deliveries(slice) {
      const rows: DeliveryRow[] = await db.read((knex) =>
        cut(
          knex("delivery")
            .orderBy("seq", "desc")
            .select(...DELIVERY_COLUMNS),
          slice,
        ),
      );
      return rows.map((row) => toLine(row));
    },
    async events({ subject, subjectId }, slice) {
      const rows: EventRow[] = await db.read((knex) => {
        const all = knex("event").where({
          ...(subject === undefined ? {} : { subject }),
          ...(subjectId === undefined ? {} : { subject_id: subjectId }),
        });
        return cut(all.orderBy("id", "desc").select(), slice);
      });
      return rows.map((row) => toEvent(row));
    },
  };
}

function toLine(row: DeliveryRow): DeliveryLine {
  const { guid, event, action, state, tries, error } = row;
  return { guid, event, action, state, tries, error, receivedAt: row.received_at };
}

type DeliveryRow = Omit<DeliveryLine, "receivedAt"> & { readonly received_at: number };
const DELIVERY_COLUMNS = ["guid", "event", "action", "state", "tries", "received_at", "error"] as const;

function lowerIn(column: string, values: readonly string[]): [string, string[]] {
  const marks = values.map(() => "?").join(", ");
  return [`lower(${column}) in (${marks})`, values.map((value) => value.toLowerCase())];
}
