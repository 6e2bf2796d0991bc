import { compileHtml } from "./compile.ts";
import type { AccountsView, AuditView, DeliveriesView } from "./admin-views.ts";
import type {
  BoxesView,
  FaultView,
  HomeView,
  PullView,
  RepositoryView,
  RunPageView,
  WelcomeView,
} from "./site-views.ts";

/** One function a page behind the log-in. */
export type SiteRenderer = ReturnType<typeof createSiteRenderer>;

/** Compiles them all; throws when one of them would let a value through unescaped. */
export function createSiteRenderer() {
  return {
    welcome: compileHtml<WelcomeView>("site-welcome.html.hbs"),
    fault: compileHtml<FaultView>("site-fault.html.hbs"),
    home: compileHtml<HomeView>("site-home.html.hbs"),
    repository: compileHtml<RepositoryView>("site-repository.html.hbs"),
    pull: compileHtml<PullView>("site-pull.html.hbs"),
    run: compileHtml<RunPageView>("site-run.html.hbs"),
    boxes: compileHtml<BoxesView>("site-boxes.html.hbs"),
    deliveries: compileHtml<DeliveriesView>("site-deliveries.html.hbs"),
    audit: compileHtml<AuditView>("site-audit.html.hbs"),
    accounts: compileHtml<AccountsView>("site-accounts.html.hbs"),
  };
}
