import type { Route } from "./router.ts";
import { appRoutes } from "./routes/apps.ts";
import { checkRoutes } from "./routes/checks.ts";
import { commentRoutes } from "./routes/comments.ts";
import { contentRoutes } from "./routes/contents.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { platformRoutes } from "./routes/platform.ts";
import type { Manifest } from "./routes/platform.ts";
import { pullRoutes } from "./routes/pulls.ts";
import { repositoryRoutes } from "./routes/repositories.ts";

/** Every route that the offline GitHub knows. */
export function allRoutes(manifests: Map<string, Manifest>): readonly Route[] {
  return [
    ...appRoutes,
    ...deliveryRoutes,
    ...repositoryRoutes,
    ...contentRoutes,
    ...pullRoutes,
    ...commentRoutes,
    ...checkRoutes,
    ...platformRoutes(manifests),
  ];
}
