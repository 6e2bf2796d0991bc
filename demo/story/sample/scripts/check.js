// Ends with 3 when the water stands above the dyke: node scripts/check.js METRES
import { table } from "../lib/table.js";

const dyke = Number(process.argv[2]);
const over = table(30).filter((row) => row.metres > dyke);
for (const row of over) {
  process.stderr.write(
    `${row.time}  \u001b[31m${row.metres.toFixed(2)} m\u001b[0m stands above the dyke (${dyke} m)\n`,
  );
}
process.exitCode = over.length > 0 ? 3 : 0;
