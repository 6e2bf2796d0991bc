import type { Delivery } from "../model.ts";

/** What may befall deliveries, on purpose. */
export type DeliveryFault = {
  effect: "duplicate" | "late" | "drop" | "reorder";
  event?: string;
  action?: string;
  /** From the nth matching delivery on (1 is the next), so many times (0, the default: for ever). */
  nth?: number;
  times?: number;
  /** late: how long. reorder: the longest that one is held. */
  ms?: number;
  /** reorder: so many are held and sent last first. Default 2. */
  window?: number;
};

export type DeliveryFaultState = DeliveryFault & { matched: number; fired: number };

type Rule = DeliveryFaultState & { buffer: Delivery[]; timer: NodeJS.Timeout | null };

export type DeliveryFaults = {
  pass: (delivery: Delivery) => void;
  set: (faults: readonly DeliveryFault[]) => void;
  state: () => DeliveryFaultState[];
  held: () => number;
  close: () => void;
};

type Sinks = {
  push: (delivery: Delivery) => void;
  again: (delivery: Delivery) => void;
  drop: (delivery: Delivery) => void;
};

const DEFAULT_LATE_MS = 1_000;
const DEFAULT_WINDOW = 2;

/** Stands between what happened and the queue; the first rule that fires decides. */
export function createDeliveryFaults(sinks: Sinks): DeliveryFaults {
  let rules: Rule[] = [];
  const late = new Set<NodeJS.Timeout>();
  const release = (rule: Rule): void => {
    if (rule.timer !== null) clearTimeout(rule.timer);
    rule.timer = null;
    for (const delivery of rule.buffer.splice(0).reverse()) sinks.push(delivery);
  };
  const befall = (rule: Rule, delivery: Delivery): void => {
    switch (rule.effect) {
      case "duplicate":
        sinks.push(delivery);
        sinks.again(delivery);
        break;
      case "drop":
        sinks.drop(delivery);
        break;
      case "late": {
        const timer = setTimeout(() => {
          late.delete(timer);
          sinks.push(delivery);
        }, rule.ms ?? DEFAULT_LATE_MS);
        late.add(timer);
        break;
      }
      case "reorder":
        rule.buffer.push(delivery);
        rule.timer ??= setTimeout(() => release(rule), rule.ms ?? DEFAULT_LATE_MS);
        if (rule.buffer.length >= (rule.window ?? DEFAULT_WINDOW)) release(rule);
        break;
    }
  };
  return {
    pass: (delivery) => {
      const rule = rules.find((candidate) => fires(candidate, delivery));
      if (rule === undefined) sinks.push(delivery);
      else befall(rule, delivery);
    },
    set: (faults) => {
      for (const rule of rules) release(rule);
      rules = faults.map((fault) => ({ ...fault, matched: 0, fired: 0, buffer: [], timer: null }));
    },
    state: () => rules.map(({ buffer: _buffer, timer: _timer, ...rule }) => rule),
    held: () => late.size + rules.reduce((sum, rule) => sum + rule.buffer.length, 0),
    close: () => {
      for (const timer of late) clearTimeout(timer);
      for (const rule of rules) if (rule.timer !== null) clearTimeout(rule.timer);
    },
  };
}

function fires(rule: Rule, delivery: Delivery): boolean {
  if (rule.event !== undefined && rule.event !== delivery.event) return false;
  if (rule.action !== undefined && rule.action !== delivery.action) return false;
  rule.matched += 1;
  const since = rule.matched - (rule.nth ?? 1);
  const times = rule.times ?? 0;
  if (since < 0 || (times !== 0 && since >= times)) return false;
  rule.fired += 1;
  return true;
}
