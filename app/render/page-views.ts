/** One file that a run left. */
export type ArtifactLine = {
  readonly name: string;
  readonly href: string;
  readonly size: string;
  /** When it is not kept any more. */
  readonly goes: { readonly iso: string; readonly ago: string };
};

/** What the log page shows before its script runs. */
export type LogPageView = {
  /** Path under which the page's script and style are served, relative to the page. */
  readonly assets: string;
  /** The link's own last part, its token: what stands beneath it is `TOKEN/download` from the page. */
  readonly base: string;
  readonly title: string;
  /** `waiting`, `running`, `good`, `bad` or `neutral`. */
  readonly tone: string;
  readonly repository: string;
  readonly command: string;
  readonly sha: string;
  readonly shortSha: string;
  readonly commitUrl: string;
  readonly runId: string;
  /** The newest attempt's number, 0 before the first. */
  readonly attempt: number;
  readonly artifacts: readonly ArtifactLine[];
  readonly artifactNotes: readonly string[];
  /** Path of the failure bundle; empty when there is none. */
  readonly bundle: string;
  /** `yes` when there is any of these. */
  readonly hasLeft: string;
};

export type ErrorPageView = {
  readonly assets: string;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
};

/** The first page of the set-up. */
export type SetupPageView = {
  readonly assets: string;
  /** GitHub's page that takes the manifest. */
  readonly action: string;
  /** JSON. */
  readonly manifest: string;
  readonly publicUrl: string;
  readonly organization: string;
  readonly webUrl: string;
  /** False: GitHub cannot send anything to that address. */
  readonly isReachable: boolean;
  /** The settings file has the addresses: they are not asked for. */
  readonly isFixed: boolean;
};

/** Where GitHub sends people after the installation. */
export type InstalledPageView = { readonly assets: string };
