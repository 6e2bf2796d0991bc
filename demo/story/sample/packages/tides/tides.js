/** Lunar and solar half-day waves: metres and hours. */
const WAVES = [
  { height: 1.9, period: 12.42, phase: 3.1 },
  { height: 0.6, period: 12, phase: 5.4 },
];
const MEAN_METRES = 2.4;

/** The water's height in metres, so many hours after midnight. */
export function heightAt(hours) {
  return WAVES.reduce((sum, wave) => {
    return sum + wave.height * Math.cos((2 * Math.PI * (hours - wave.phase)) / wave.period);
  }, MEAN_METRES);
}
