import type { Place } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { StepModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";

/** Programs that GitHub's Ubuntu image has and a bare Linux has not (counted over 42 repositories' test jobs). */
const HOSTED_TOOLS: ReadonlySet<string> = new Set(
  [
    "ant aws az cargo clang cmake composer docker docker-compose dotnet gcc gem gh go gradle helm java jq kubectl make",
    "mvn mysql nginx node npm npx php pip pip3 pipx pnpm psql pwsh python python3 ruby rustc rustup sbt swift terraform",
    "vcpkg wget yarn yq",
  ].flatMap((line) => line.split(" ")),
);
/** Set-up actions that bring some of them. */
const BROUGHT_BY: Readonly<Record<string, readonly string[]>> = {
  "actions/setup-node": ["node", "npm", "npx", "yarn"],
  "actions/setup-go": ["go"],
  "actions/setup-python": ["python", "python3", "pip", "pip3"],
  "actions/setup-java": ["java"],
  "actions/setup-dotnet": ["dotnet"],
  "ruby/setup-ruby": ["ruby", "gem"],
  "pnpm/action-setup": ["pnpm"],
  "dtolnay/rust-toolchain": ["cargo", "rustc", "rustup"],
  "actions-rust-lang/setup-rust-toolchain": ["cargo", "rustc", "rustup"],
  "shivammathur/setup-php": ["php", "composer"],
  "gradle/actions/setup-gradle": ["gradle"],
  "azure/setup-helm": ["helm"],
};

export type ToolUse = { readonly tool: string; readonly place: Place };

/** The first use of each program that no earlier step brings and only a machine like GitHub's has. A guess by words, so only a note. */
export function hostedTools(steps: readonly StepModel[]): readonly ToolUse[] {
  const brought = new Set<string>();
  const found = new Map<string, ToolUse>();
  const visit = (step: StepModel): void => {
    if (step.kind === "parallel") step.steps.forEach(visit);
    if (step.kind === "uses")
      for (const tool of BROUGHT_BY[step.uses.split("@")[0]?.toLowerCase() ?? ""] ?? []) brought.add(tool);
    if (step.kind !== "run") return;
    for (const tool of commandsOf(step.run))
      if (HOSTED_TOOLS.has(tool) && !brought.has(tool) && !found.has(tool))
        found.set(tool, { tool, place: step.place });
  };
  steps.forEach(visit);
  return [...found.values()];
}

/** Words at the beginning of commands: of a line, behind `&&`, `||`, `;`, `|`, `(`, sudo and assignments. */
function commandsOf(script: string): readonly string[] {
  return script
    .split(/\n|&&|\|\|?|;|\$\(|\(/u)
    .map(
      (part) =>
        /^\s*(?:(?:sudo|time|exec|then|do|else|!)\s+|[A-Za-z_]\w*=\S*\s+)*([\w.+-]+)/u.exec(part)?.[1] ?? "",
    );
}
