import { changeSettings } from "../settings.ts";
import type { World } from "../world.ts";
import type { ControlHandlers } from "./contract.ts";

type Names =
  | "setDeliveryFaults"
  | "setFaults"
  | "setKill"
  | "resetCounts"
  | "faultState"
  | "settings"
  | "resetLimits"
  | "limitPeaks";

/** Switches: faults, kills, limits, latency. */
export function faultHandlers(world: World): ControlHandlers<Names> {
  const { faults, hooks, limiter } = world;
  return {
    setDeliveryFaults: (input) => {
      hooks.setFaults(input.faults);
      return {};
    },
    setFaults: (input) => {
      faults.set(input.faults);
      return {};
    },
    setKill: ({ kill }) => {
      faults.killAt(kill);
      return {};
    },
    resetCounts: () => {
      faults.resetCounts();
      return {};
    },
    faultState: () => ({ ...faults.state(), deliveries: hooks.faults() }),
    settings: (change) => {
      world.setSettings(changeSettings(world.settings(), change));
      return world.settings();
    },
    resetLimits: () => {
      limiter.reset();
      return {};
    },
    limitPeaks: () => limiter.peaks(),
  };
}
