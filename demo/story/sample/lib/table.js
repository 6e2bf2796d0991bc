import { heightAt } from "tides";

/** Times and heights from midnight to midnight. */
export function table(stepMinutes) {
  const rows = [];
  for (let minute = 0; minute <= 24 * 60; minute += stepMinutes) {
    rows.push({ time: clock(minute), metres: Number(heightAt(minute / 60).toFixed(2)) });
  }
  return rows;
}

/** Minutes after midnight as a clock shows them. */
export function clock(minute) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
