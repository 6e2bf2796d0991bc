import type { ArtifactLine } from "./page-views.ts";

/** Plain values for the pages behind the log-in; escaping is the templates' business. Hrefs are our own paths. */

export type FrameView = {
  /** Path of scripts and styles. */
  readonly assets: string;
  /** Before every path of ours. */
  readonly root: string;
  readonly title: string;
  /** Empty: nobody is logged in. */
  readonly login: string;
  readonly csrf: string;
  readonly nav: readonly { readonly href: string; readonly label: string; readonly isHere: boolean }[];
};

export type TimeView = { readonly iso: string; readonly ago: string };
export type TextPart = { readonly text: string; readonly isCode: boolean };
export type Tone = "waiting" | "running" | "good" | "bad" | "neutral";
/** Paths of the neighbouring parts of a list; empty where there is none. */
export type PagerView = { readonly newer: string; readonly older: string };

export type RunLine = {
  readonly href: string;
  readonly command: string;
  readonly tone: Tone;
  readonly state: string;
  readonly repository: string;
  readonly repositoryHref: string;
  /** `#12`, or empty. */
  readonly pull: string;
  readonly pullHref: string;
  readonly actor: string;
  readonly shortSha: string;
  readonly branch: string;
  readonly at: TimeView;
};

export type ButtonView = {
  readonly action: string;
  readonly label: string;
  readonly description: string;
  /** A press of one form counts once. */
  readonly key: string;
  /** Where the browser goes afterwards. */
  readonly to: string;
};

export type PhaseView = {
  readonly name: string;
  readonly duration: string;
  readonly result: string;
  /** Its first word, for colours. */
  readonly kind: string;
  /** Percent of the whole time. */
  readonly from: number;
  readonly share: number;
};

export type BoxLine = {
  readonly slug: string;
  readonly id: string;
  readonly state: string;
  readonly tone: Tone;
  readonly what: string;
  readonly repository: string;
  readonly repositoryHref: string;
  readonly pull: string;
  readonly pullHref: string;
  readonly age: string;
  readonly ends: TimeView;
  readonly cost: string;
  readonly buttons: readonly ButtonView[];
};

export type WelcomeView = { readonly frame: FrameView; readonly logIn: string };
export type FaultView = {
  readonly frame: FrameView;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
  readonly logIn: string;
};
export type HomeView = {
  readonly frame: FrameView;
  readonly running: readonly RunLine[];
  readonly repositories: readonly { readonly name: string; readonly href: string; readonly kind: string }[];
  readonly pager: PagerView;
};
export type RepositoryView = {
  readonly frame: FrameView;
  readonly name: string;
  readonly webUrl: string;
  readonly pulls: readonly {
    readonly pull: string;
    readonly href: string;
    readonly branch: string;
    readonly runs: string;
    readonly newest: RunLine;
  }[];
  readonly runs: readonly RunLine[];
  readonly pager: PagerView;
};
export type PullView = {
  readonly frame: FrameView;
  readonly repository: string;
  readonly repositoryHref: string;
  readonly pull: string;
  readonly webUrl: string;
  readonly runs: readonly RunLine[];
  readonly boxes: readonly BoxLine[];
  readonly notice: readonly TextPart[];
  readonly pager: PagerView;
};
export type RunPageView = {
  readonly frame: FrameView;
  /** What stands beneath it is the log's, relative to the page. */
  readonly base: string;
  readonly attempt: number;
  /** `yes` or `no`: nothing on the page changes any more. */
  readonly done: string;
  readonly title: string;
  readonly tone: Tone;
  readonly command: string;
  /** The whole of a script; empty for a line. */
  readonly script: string;
  readonly repository: string;
  readonly repositoryHref: string;
  readonly pull: string;
  readonly pullHref: string;
  readonly branch: string;
  readonly sha: string;
  readonly shortSha: string;
  readonly commitUrl: string;
  readonly actor: string;
  readonly how: string;
  readonly at: TimeView;
  readonly runId: string;
  readonly retryOf: string;
  readonly retryOfHref: string;
  readonly repeats: readonly { readonly id: string; readonly href: string }[];
  readonly phases: readonly PhaseView[];
  readonly cost: string;
  readonly box: string;
  readonly boxWhat: string;
  readonly setUp: readonly TextPart[];
  readonly message: readonly TextPart[];
  readonly next: readonly TextPart[];
  readonly notes: readonly (readonly TextPart[])[];
  readonly notice: readonly TextPart[];
  readonly buttons: readonly ButtonView[];
  /** Why there are no buttons; empty when there are. */
  readonly noButtons: string;
  /** The log's end for browsers without script; empty when there is none. */
  readonly tail: string;
  /** Files that it left, what is to be said of others, and the path of the failure bundle, empty when there is none. */
  readonly artifacts: readonly ArtifactLine[];
  readonly artifactNotes: readonly string[];
  readonly bundle: string;
  /** `yes` when there is any of these. */
  readonly hasLeft: string;
};
export type BoxesView = {
  readonly frame: FrameView;
  readonly boxes: readonly BoxLine[];
  readonly notice: readonly TextPart[];
  readonly isCut: boolean;
};
