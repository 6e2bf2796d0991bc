import { z } from "zod";
import { AppError } from "../errors.ts";
import { read } from "./call.ts";
import { as } from "./hub.ts";
import type { Hub, RepositoryRef } from "./hub.ts";

/** From most to least; a custom role counts as the base role it was made from. */
const ROLES = ["admin", "maintain", "write", "triage", "read", "none"] as const;

export type Role = (typeof ROLES)[number];

const permissionSchema = z.object({
  permission: z.string(),
  role_name: z.string().optional(),
  user: z.object({ id: z.number() }).nullable(),
});

export type Permissions = {
  /**
   * What GitHub lets this person do in the repository right now (law 10). `none` also when the login is unknown or now belongs to
   * somebody else than `actorId`. Throws as `read` does, never guesses.
   */
  role(
    repository: RepositoryRef,
    actor: { readonly login: string; readonly id: number },
    signal?: AbortSignal,
  ): Promise<Role>;
};

/** Who may what, asked of GitHub each time; nothing is remembered. */
export function createPermissions(hub: Hub): Permissions {
  return {
    async role(repository, actor, signal) {
      try {
        const reply = await read(hub.calls, {
          what: "read collaborator permission",
          ...as(repository.installationId),
          reply: permissionSchema,
          signal,
          send: (rest, options) =>
            rest.repos.getCollaboratorPermissionLevel({
              owner: repository.owner,
              repo: repository.name,
              username: actor.login,
              ...options,
            }),
        });
        if (reply.user?.id !== actor.id) return "none";
        return roleOf(reply.role_name) ?? roleOf(reply.permission) ?? "none";
      } catch (thrown) {
        // GitHub answers 404 for logins that are not people (apps, ghosts): they may nothing.
        if (thrown instanceof AppError && thrown.code === "github_gone") return "none";
        throw thrown;
      }
    },
  };
}

/** Write access or more: what every command and every approval needs (law 10). */
export function mayWrite(role: Role): boolean {
  switch (role) {
    case "admin":
    case "maintain":
    case "write":
      return true;
    case "triage":
    case "read":
    case "none":
      return false;
  }
}

function roleOf(name: string | undefined): Role | undefined {
  return ROLES.find((role) => role === name);
}
