import type { FrameView, PagerView, TimeView, Tone } from "./site-views.ts";

/** Plain values for the pages of admins. */
export type DeliveriesView = {
  readonly frame: FrameView;
  readonly dead: readonly {
    readonly guid: string;
    readonly event: string;
    readonly tries: number;
    readonly error: string;
    readonly at: TimeView;
    readonly action: string;
  }[];
  readonly deliveries: readonly {
    readonly guid: string;
    readonly event: string;
    readonly state: string;
    readonly tone: Tone;
    readonly tries: number;
    readonly at: TimeView;
  }[];
  readonly pager: PagerView;
};
export type AuditView = {
  readonly frame: FrameView;
  readonly subjects: readonly { readonly name: string; readonly isChosen: boolean }[];
  readonly subjectId: string;
  readonly events: readonly {
    readonly subject: string;
    readonly subjectId: string;
    readonly href: string;
    readonly type: string;
    readonly data: string;
    readonly at: TimeView;
  }[];
  readonly pager: PagerView;
};
export type AccountsView = {
  readonly frame: FrameView;
  readonly accounts: readonly {
    readonly login: string;
    readonly type: string;
    readonly state: string;
    readonly tone: Tone;
    readonly runs: number;
    readonly boxes: number;
    readonly charged: string;
    readonly reserved: string;
  }[];
  readonly pager: PagerView;
};
