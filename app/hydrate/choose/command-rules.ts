import { LINT_RULES } from "./lint-rules.ts";
import { RELEASE_RULES } from "./release-rules.ts";
import type { CommandRule } from "./rule.ts";
import { TEST_RULES } from "./test-rules.ts";

/** The first row that matches counts. */
export const COMMAND_RULES: readonly CommandRule[] = [...RELEASE_RULES, ...TEST_RULES, ...LINT_RULES];
