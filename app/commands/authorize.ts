import { mayWrite, type Role } from "../github/permissions.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Actor } from "./command.ts";

/** Who acts, as the webhook says. */
export type Sender = {
  readonly id: number;
  readonly login: string;
  /** GitHub's kind of account: `User`, `Bot`, `Organization`, `Mannequin`. */
  readonly type: string;
  /** The App through which it was written, when it was one. */
  readonly viaAppId: number | null;
};

export type Authorization =
  /** `capMicroUsd`: what runs of this actor may cost in a month; absent for people. */
  | { readonly allowed: true; readonly role: Role | "bot"; readonly capMicroUsd?: number }
  | {
      readonly allowed: false;
      /** `own`: our own text. `bot`: not on the list. `role`: GitHub gives less than write. */
      readonly why: "own" | "bot" | "role";
      readonly role: Role;
    };

export type AuthorizeDeps = {
  readonly appId: number;
  /** Bots whose commands count, each with its own cap. */
  readonly bots: readonly { readonly appId: number; readonly capMicroUsd: number }[];
  readonly role: (
    repository: RepositoryRef,
    actor: { readonly login: string; readonly id: number },
  ) => Promise<Role>;
};

/**
 * May this sender use commands in the repository? Asked of GitHub at this moment (law 10): write access or more. Bots are judged by
 * the server's list alone, because GitHub knows no role of theirs. Throws when GitHub cannot be asked; never guesses.
 */
export async function authorize(
  deps: AuthorizeDeps,
  repository: RepositoryRef,
  sender: Sender,
): Promise<Authorization> {
  const known = judgeKind(deps, sender);
  if (known !== null) return known;
  const role = await deps.role(repository, { login: sender.login, id: sender.id });
  return mayWrite(role) ? { allowed: true, role } : { allowed: false, why: "role", role };
}

/** What needs no question to GitHub: our own texts and bots. Null for people. */
export function judgeKind(deps: Pick<AuthorizeDeps, "appId" | "bots">, sender: Sender): Authorization | null {
  if (sender.viaAppId === deps.appId) return { allowed: false, why: "own", role: "none" };
  if (sender.type === "User") return null;
  // A login can be taken by somebody else; the App that wrote the comment cannot.
  const listed = sender.type === "Bot" ? deps.bots.find((bot) => bot.appId === sender.viaAppId) : undefined;
  if (listed === undefined) return { allowed: false, why: "bot", role: "none" };
  return { allowed: true, role: "bot", capMicroUsd: listed.capMicroUsd };
}

/** The actor with what its authorisation said: the role, a bot's cap. */
export function withCap(
  actor: Actor,
  authorization: Extract<Authorization, { readonly allowed: true }>,
): Actor {
  const { capMicroUsd, role } = authorization;
  return capMicroUsd === undefined ? { ...actor, role } : { ...actor, role, capMicroUsd };
}
