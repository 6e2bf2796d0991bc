import { notFound } from "../../http/failure.ts";
import type { Delivery } from "../../model.ts";
import { deliveryShape, fullDeliveryShape } from "../../shapes/installation.ts";
import { paginateByCursor } from "../pagination.ts";
import type { Call, Route } from "../router.ts";

/** The App's deliveries: list, one, send again. */
export const deliveryRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/app/hook/deliveries",
    access: "app",
    handle: (call) => {
      const page = paginateByCursor(call, newestFirst(call));
      return { status: 200, json: page.items.map(deliveryShape), headers: page.headers };
    },
  },
  {
    method: "GET",
    path: "/app/hook/deliveries/{delivery_id}",
    access: "app",
    handle: (call) => ({ status: 200, json: fullDeliveryShape(call.world, deliveryOf(call)) }),
  },
  {
    method: "POST",
    path: "/app/hook/deliveries/{delivery_id}/attempts",
    access: "app",
    handle: (call) => {
      call.world.hooks.redeliver(deliveryOf(call));
      return { status: 202, json: {} };
    },
  },
];

function newestFirst({ world, caller, query }: Call): Delivery[] {
  const appId = caller.kind === "app" ? caller.app.id : 0;
  const status = query.get("status");
  const rows = [...world.tables.deliveries.all()].filter((row) => {
    if (row.appId !== appId || row.state !== "done") return false;
    const good = row.statusCode >= 200 && row.statusCode < 400;
    return status === null || (status === "success") === good;
  });
  return rows.sort((a, b) => b.id - a.id);
}

function deliveryOf({ world, caller, params }: Call): Delivery {
  const row = world.tables.deliveries.get(Number(params["delivery_id"]));
  if (row === undefined || caller.kind !== "app" || row.appId !== caller.app.id) throw notFound();
  if (row.state !== "done") throw notFound();
  return row;
}
