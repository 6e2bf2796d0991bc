import { createAppFrom } from "../../acts/apps.ts";
import { emitPing } from "../../hooks/emit.ts";
import { notFound } from "../../http/failure.ts";
import { accountShape, appShape } from "../../shapes/account.ts";
import type { Payer } from "../limits.ts";
import type { Call, Route } from "../router.ts";

/** GitHub itself: budget, addresses, users, App manifests. */
export const platformRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/rate_limit",
    access: "anyone",
    handle: (call) => ({ status: 200, json: rates(call) }),
  },
  {
    method: "GET",
    path: "/meta",
    access: "anyone",
    handle: () => ({ status: 200, json: META }),
  },
  {
    method: "GET",
    path: "/users/{username}",
    access: "anyone",
    handle: ({ world, params }) => {
      const account = world.tables.accountsByLogin((params["username"] ?? "").toLowerCase())[0];
      if (account === undefined) throw notFound();
      const times = { created_at: account.createdAt, updated_at: account.createdAt };
      return { status: 200, json: { ...accountShape(world, account), ...PROFILE, ...times } };
    },
  },
  {
    method: "POST",
    path: "/app-manifests/{code}/conversions",
    access: "anyone",
    handle: ({ world, params }) => {
      const agreed = world.manifests.take(params["code"] ?? "");
      if (agreed === null) throw notFound();
      const app = createAppFrom(world, agreed.manifest, agreed.ownerLogin);
      if (app.webhookUrl !== null) emitPing(world, app);
      const secrets = {
        client_id: app.clientId,
        client_secret: app.clientSecret,
        webhook_secret: app.webhookSecret,
        pem: app.privateKeyPem,
      };
      return { status: 201, json: { ...appShape(world, app), ...secrets } };
    },
  },
];

const META = { verifiable_password_authentication: false, hooks: ["127.0.0.1/32"], git: ["127.0.0.1/32"] };

const PROFILE = {
  name: null,
  company: null,
  blog: "",
  location: null,
  email: null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
};

function rates({ world, caller }: Call): unknown {
  const id = caller.kind === "installation" ? caller.installation.id : null;
  const payer: Payer =
    id === null
      ? {
          key: caller.kind === "app" ? `app ${caller.app.id}` : "anonymous",
          kind: "app",
          installationId: null,
        }
      : { key: `installation ${id}`, kind: "installation", installationId: id };
  const core = world.limiter.primary(payer, world.settings().limits);
  const search = { ...core, limit: 30, remaining: 30, used: 0 };
  return { resources: { core, search }, rate: core };
}
