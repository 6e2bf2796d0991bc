import { loadAssets } from "../../app/pages/assets.ts";
import type { BoxLine, FrameView, RunLine, RunPageView } from "../../app/render/site-views.ts";

/** Views of pages in which every text that somebody else has a say in is `text`. */
export function frame(text: string): FrameView {
  const nav = [{ href: "/", label: "Home", isHere: true }];
  return { assets: loadAssets().path, root: "", title: text, login: text, csrf: "token", nav };
}

const at = { iso: "2026-11-23T10:00:00.000Z", ago: "1 s ago" };
const button = (text: string) => ({ action: "/x", label: text, description: text, key: "key", to: "/" });

/** A run in a list. */
export function runLine(text: string): RunLine {
  return {
    href: "/runs/run_1",
    command: text,
    tone: "good",
    state: text,
    repository: text,
    repositoryHref: "/repos/a/b",
    pull: "#1",
    pullHref: "/repos/a/b/pull/1",
    actor: text,
    shortSha: text,
    branch: text,
    at,
  };
}

/** A box in a list. */
export function boxLine(text: string): BoxLine {
  return {
    slug: text,
    id: text,
    state: text,
    tone: "good",
    what: text,
    repository: text,
    repositoryHref: "/repos/a/b",
    pull: "#1",
    pullHref: "/repos/a/b/pull/1",
    age: "1 s",
    ends: at,
    cost: text,
    buttons: [button(text)],
  };
}

/** A run's own page. */
export function runPage(text: string): RunPageView {
  const parts = [
    { text, isCode: false },
    { text, isCode: true },
  ];
  return {
    frame: frame(text),
    base: "run_1/log",
    attempt: 1,
    done: text,
    title: text,
    tone: "bad",
    command: text,
    script: text,
    repository: text,
    repositoryHref: "/repos/a/b",
    pull: "#1",
    pullHref: "/repos/a/b/pull/1",
    branch: text,
    sha: text,
    shortSha: text,
    commitUrl: "https://github.com/a/b/commit/1",
    actor: text,
    how: text,
    at,
    runId: "run_1",
    retryOf: "run_0",
    retryOfHref: "/runs/run_0",
    repeats: [{ id: "run_2", href: "/runs/run_2" }],
    phases: [{ name: text, duration: text, result: text, kind: text, from: 0, share: 100 }],
    cost: text,
    box: text,
    boxWhat: text,
    setUp: parts,
    message: parts,
    next: parts,
    notes: [parts],
    notice: parts,
    buttons: [button(text)],
    noButtons: text,
    tail: text,
    artifacts: [{ name: text, href: "run_1/artifacts/1", size: text, goes: at }],
    artifactNotes: [text],
    bundle: "run_1/bundle",
    hasLeft: "yes",
  };
}
