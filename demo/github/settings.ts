/** What tests and the demo may change while the offline GitHub runs; the defaults are the real GitHub's values. */
export type Settings = {
  /** Installation tokens live an hour (docs: "Generating an installation access token"). */
  tokenTtlMs: number;
  /** A person's token for an App lives eight hours (docs: "Refreshing user access tokens"). */
  userTokenTtlMs: number;
  /** GitHub waits 10 seconds for the answer to a delivery. */
  deliveryTimeoutMs: number;
  deliveryConcurrency: number;
  limits: Limits;
  /** Added before every answer, to feel like a network. */
  latency: { apiMs: number; gitMs: number };
  /** Comments that a pull request's page offers, ready to post. */
  suggestions: string[];
};

/** Rate limits of docs.github.com, "Rate limits for the REST API". */
export type Limits = {
  primaryPerHour: number;
  anonymousPerHour: number;
  /** Secondary: GET costs 1 point, a write 5. */
  pointsPerMinute: number;
  /** Secondary: comments, check runs and reactions created. */
  contentPerMinute: number;
  contentPerHour: number;
  concurrent: number;
};

export type SettingsChange = Partial<Omit<Settings, "limits" | "latency">> & {
  limits?: Partial<Limits>;
  latency?: Partial<Settings["latency"]>;
};

/** GitHub's published limits, and no latency. */
export const DEFAULT_SETTINGS: Settings = {
  tokenTtlMs: 60 * 60_000,
  userTokenTtlMs: 8 * 60 * 60_000,
  deliveryTimeoutMs: 10_000,
  deliveryConcurrency: 50,
  limits: {
    primaryPerHour: 5_000,
    anonymousPerHour: 60,
    pointsPerMinute: 900,
    contentPerMinute: 80,
    contentPerHour: 500,
    concurrent: 100,
  },
  latency: { apiMs: 0, gitMs: 0 },
  suggestions: [],
};

/** The settings with a change laid over them. */
export function changeSettings(settings: Settings, change: SettingsChange): Settings {
  return {
    ...settings,
    ...change,
    limits: { ...settings.limits, ...change.limits },
    latency: { ...settings.latency, ...change.latency },
  };
}
