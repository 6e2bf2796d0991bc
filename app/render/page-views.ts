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
};

export type ErrorPageView = {
  readonly assets: string;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
};
