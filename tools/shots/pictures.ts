import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { ADMIN } from "../../demo/pull-request.ts";
import type { PullRequest } from "../../demo/pull-request.ts";
import type { Beginning, Held } from "./tale.ts";

export type Look = "light" | "dark" | "phone";

/** One page at one moment of the story. */
export type Picture = {
  readonly name: string;
  readonly url: string;
  /** What must stand there before the picture is taken. */
  readonly shows?: string;
  /** The looks that the docs show, each with the height of its window; absent: only of interest with `--every`. */
  readonly docs?: Partial<Readonly<Record<Look, number>>>;
};

type Places = { readonly githubUrl: string; readonly appUrl: string; readonly pull: PullRequest };

/** The log is fetched by script. */
const LOG_ROW = "#log .row:not(.loading)";

/** Who looks: sees everything. */
export const VIEWER = ADMIN;

/** While the stranger's run is held. */
export function heldPictures(places: Places, { check, fork }: Held): readonly Picture[] {
  const base = pageOf(places, fork);
  return [
    { name: "fork", url: base },
    {
      name: "fork-held",
      url: `${base}/checks?check_run_id=${check.id}`,
      shows: "text=Approve",
      docs: { light: 640 },
    },
    { name: "held-run", url: check.detailsUrl ?? "" },
  ];
}

/** While a command runs. */
export function runningPictures({ appUrl }: Places, watch: CheckRunView): readonly Picture[] {
  return [
    { name: "home", url: `${appUrl}/`, docs: { light: 350 } },
    { name: "run-live", url: watch.detailsUrl ?? "", shows: LOG_ROW, docs: { dark: 1000 } },
    { name: "boxes", url: `${appUrl}/boxes` },
  ];
}

/** Once it was approved, and has ended. */
export function approvedPictures(places: Places, { fork }: Held): readonly Picture[] {
  return [{ name: "fork-ended", url: pageOf(places, fork) }];
}

/** When all is done. */
export function endedPictures(places: Places, tale: Beginning): readonly Picture[] {
  const { githubUrl, appUrl, pull } = places;
  const { passed, failed, byItself } = tale;
  const base = pageOf(places, pull);
  const checks = (check: CheckRunView) => `${base}/checks?check_run_id=${check.id}`;
  const app = `${appUrl}/repos/${pull.repo}`;
  return [
    { name: "playground", url: `${githubUrl}/` },
    { name: "playground-repository", url: `${githubUrl}/${pull.repo}` },
    { name: "pull-request", url: base, docs: { light: 950 } },
    { name: "check-passed", url: checks(passed), docs: { light: 1080 } },
    { name: "check-failed", url: checks(failed) },
    { name: "check-by-itself", url: `${githubUrl}/${pull.repo}/runs/${byItself.id}` },
    { name: "files", url: `${base}/files` },
    { name: "repository", url: app },
    { name: "pull", url: `${app}/pull/${pull.number}` },
    { name: "run", url: passed.detailsUrl ?? "", shows: LOG_ROW, docs: { light: 1110, phone: 844 } },
    { name: "run-failed", url: failed.detailsUrl ?? "", shows: LOG_ROW },
    { name: "boxes-ended", url: `${appUrl}/boxes` },
    { name: "accounts", url: `${appUrl}/accounts` },
    { name: "deliveries", url: `${appUrl}/deliveries` },
    { name: "audit", url: `${appUrl}/audit` },
    { name: "fault", url: `${appUrl}/runs/run_0` },
  ];
}

function pageOf({ githubUrl }: Places, { repo, number }: PullRequest): string {
  return `${githubUrl}/${repo}/pull/${number}`;
}
