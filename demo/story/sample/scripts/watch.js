// Follows the water for ten minutes, a line a second.
import { heightAt } from "tides";

const SECONDS = 600;
for (let second = 0; second < SECONDS; second += 1) {
  const metres = heightAt((second * 24) / SECONDS);
  process.stdout.write(`${"~".repeat(Math.round(metres * 8))} ${metres.toFixed(2)} m\n`);
  await new Promise((resolve) => {
    setTimeout(resolve, 1000);
  });
}
