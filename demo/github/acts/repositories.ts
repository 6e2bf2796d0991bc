import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ensureAccount } from "./accounts.ts";
import { findRepository } from "../api/access.ts";
import { writeCommit } from "../git/commit.ts";
import type { FileChange } from "../git/commit.ts";
import type { Repository, Role } from "../model.ts";
import { now } from "../world.ts";
import type { World } from "../world.ts";

export type RepositoryRequest = {
  owner: string;
  name: string;
  ownerType?: "User" | "Organization";
  private?: boolean;
  defaultBranch?: string;
  description?: string;
  /** login to role. */
  roles?: Record<string, Role>;
  /** Contents of the first commit on the default branch. */
  files?: Record<string, FileChange>;
  /** A checkout, bare repository or bundle to copy from; it is only read. */
  from?: string;
  /** With `from`: branch name here to revision there. Default: all branches. */
  branches?: Record<string, string>;
};

/** Makes a repository on disk and in the records. */
export async function createRepository(world: World, request: RepositoryRequest): Promise<Repository> {
  if (findRepository(world, request.owner, request.name) !== undefined) {
    throw new Error(`${request.owner}/${request.name} is there already`);
  }
  const roles = Object.entries(request.roles ?? {}).map(([login, role]) => {
    return [String(ensureAccount(world, login).id), role] as const;
  });
  const repository = record(world, request.owner, request.name, {
    private: request.private ?? false,
    defaultBranch: request.defaultBranch ?? Object.keys(request.branches ?? {})[0] ?? "main",
    description: request.description ?? null,
    roles: Object.fromEntries(roles),
    ownerType: request.ownerType ?? "Organization",
  });
  await world.git.init(repository);
  if (request.from !== undefined)
    await world.git.importFrom(repository, request.from, request.branches ?? null);
  if (request.files !== undefined) {
    await writeCommit(world.git.dir(repository), {
      branch: repository.defaultBranch,
      parent: null,
      files: request.files,
      message: "Initial commit\n",
      author: { name: request.owner, email: `${request.owner}@users.noreply.github.com` },
      at: new Date(),
    });
  }
  return world.tables.repositories.put(repository);
}

/** Copies a repository to another owner, as the Fork button does. */
export async function forkRepository(world: World, source: Repository, owner: string): Promise<Repository> {
  const fork = record(world, owner, source.name, {
    private: source.private,
    defaultBranch: source.defaultBranch,
    description: source.description,
    roles: {},
    ownerType: "User",
  });
  fork.forkOfId = source.id;
  await world.git.init(fork);
  await world.git.importFrom(fork, world.git.dir(source), null);
  return world.tables.repositories.put(fork);
}

/** Records every OWNER/NAME.git below a folder as a public repository that is only read. */
export async function registerRoot(world: World, root: string): Promise<void> {
  for (const owner of await folders(root)) {
    for (const entry of await folders(join(root, owner))) {
      const name = entry.replace(/\.git$/, "");
      if (name === entry || findRepository(world, owner, name) !== undefined) continue;
      const dir = join(root, owner, entry);
      const head = await stat(join(dir, "HEAD")).catch(() => null);
      if (head === null) continue;
      const repository = record(world, owner, name, {
        private: false,
        defaultBranch: "main",
        description: null,
        roles: {},
        ownerType: "Organization",
      });
      repository.externalDir = dir;
      repository.defaultBranch = await headBranch(world, repository);
      world.tables.repositories.put(repository);
    }
  }
}

type Details = Pick<Repository, "private" | "defaultBranch" | "description" | "roles"> & {
  ownerType: "User" | "Organization";
};

function record(world: World, owner: string, name: string, details: Details): Repository {
  const { ownerType, ...fields } = details;
  const time = now();
  return {
    id: world.tables.nextId("repository"),
    ownerId: ensureAccount(world, owner, ownerType).id,
    name,
    forkOfId: null,
    externalDir: null,
    nextNumber: 1,
    createdAt: time,
    pushedAt: time,
    ...fields,
  };
}

async function headBranch(world: World, repository: Repository): Promise<string> {
  const refs = await world.git.refs.read(world.git.dir(repository), true);
  const names = [...refs.keys()].filter((ref) => ref.startsWith("refs/heads/"));
  const branches = names.map((ref) => ref.slice("refs/heads/".length));
  return ["main", "master"].find((name) => branches.includes(name)) ?? branches[0] ?? "main";
}

async function folders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => !entry.isFile()).map((entry) => entry.name);
}
