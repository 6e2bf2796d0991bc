import { accountByLogin } from "../acts/accounts.ts";
import { approvedLocation, readAuthorizeRequest } from "../oauth/codes.ts";
import { grant, revokeGrant } from "../oauth/user-tokens.ts";
import { appById } from "../shapes/account.ts";
import type { World } from "../world.ts";
import type { ControlHandlers } from "./contract.ts";

type Names = "approveLogin" | "revokeLogin" | "expireUserTokens";

/** What people do about Apps that act for them, without a browser. */
export function loginHandlers(world: World): ControlHandlers<Names> {
  const { tables } = world;
  return {
    approveLogin: ({ url, login }) => {
      const read = readAuthorizeRequest(world, new URL(url).searchParams);
      if (!read.ok) throw new Error(`${read.title} ${read.hint}`);
      const person = accountByLogin(world, login);
      grant(world, read.request.app, person.id);
      return { location: approvedLocation(world, read.request, person.id) };
    },
    revokeLogin: ({ login, appId }) => {
      revokeGrant(world, appById(world, appId ?? world.appId), accountByLogin(world, login).id);
      return {};
    },
    expireUserTokens: ({ login }) => {
      const only = login === undefined ? null : accountByLogin(world, login).id;
      const ended = [...tables.tokens.all()].filter(
        (token) => token.appId !== undefined && (only ?? token.userId) === token.userId,
      );
      for (const token of ended) tables.tokens.put({ ...token, expiresAt: 0 });
      return { expired: ended.length };
    },
  };
}
