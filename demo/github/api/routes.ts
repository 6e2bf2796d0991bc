import type { Route } from "./router.ts";
import { appRoutes } from "./routes/apps.ts";
import { applicationRoutes } from "./routes/applications.ts";
import { checkRoutes } from "./routes/checks.ts";
import { commentRoutes } from "./routes/comments.ts";
import { contentRoutes } from "./routes/contents.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { gitCommitRoutes } from "./routes/git-commits.ts";
import { platformRoutes } from "./routes/platform.ts";
import { pullRoutes } from "./routes/pulls.ts";
import { repositoryRoutes } from "./routes/repositories.ts";
import { teamRoutes } from "./routes/teams.ts";
import { userRoutes } from "./routes/users.ts";

/** Every route that the offline GitHub knows. */
export const ALL_ROUTES: readonly Route[] = [
  ...appRoutes,
  ...deliveryRoutes,
  ...repositoryRoutes,
  ...gitCommitRoutes,
  ...contentRoutes,
  ...pullRoutes,
  ...commentRoutes,
  ...checkRoutes,
  ...teamRoutes,
  ...userRoutes,
  ...applicationRoutes,
  ...platformRoutes,
];
