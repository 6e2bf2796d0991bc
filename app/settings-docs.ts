import { keyRows } from "./schema-table.ts";
import { settingsSchema } from "./settings-schema.ts";

/** `docs/configure.md`: every key of the settings file with its type, default and meaning, made from the schema itself. */
export function settingsMarkdown(): string {
  return `# Configure

The settings file (\`crabbox-app.yml\`, or what \`CRABBOX_CONFIG\` names), every key. This page is made by \`npx crabbox-app schema --markdown\`;
a test holds it to the schema. Unknown keys are refused. Durations are written \`90s\`, \`30m\`, \`2h\` or \`1d\`.

| key | value | default | meaning |
| --- | --- | --- | --- |
${keyRows(settingsSchema()).join("\n")}
`;
}
