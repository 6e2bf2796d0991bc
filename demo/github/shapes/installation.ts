import type { Delivery, Installation, Json } from "../model.ts";
import type { World } from "../world.ts";
import { accountById, accountShape, apiUrl, appById } from "./account.ts";

/** An installation as the App's own routes answer it. */
export function installationShape(world: World, installation: Installation): Json {
  const app = appById(world, installation.appId);
  const account = accountById(world, installation.accountId);
  const org = account.type === "Organization";
  const page = org ? `organizations/${account.login}/settings` : "settings";
  return {
    id: installation.id,
    client_id: app.clientId,
    account: accountShape(world, account),
    repository_selection: installation.repositoryIds === null ? "all" : "selected",
    access_tokens_url: apiUrl(world, `/app/installations/${installation.id}/access_tokens`),
    repositories_url: apiUrl(world, "/installation/repositories"),
    html_url: `${world.origin()}/${page}/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: installation.suspendedAt,
  };
}

/** A delivery in the list of an App's deliveries. */
export function deliveryShape(delivery: Delivery): Json {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationMs) / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

/** One delivery with what was sent and answered. */
export function fullDeliveryShape(world: World, delivery: Delivery): Json {
  const body = world.store.getText(delivery.payloadId) ?? "{}";
  return {
    ...deliveryShape(delivery),
    url: delivery.url,
    request: { headers: delivery.requestHeaders, payload: JSON.parse(body) as Json },
    response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
  };
}
