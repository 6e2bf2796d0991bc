import { endIdleDocker } from "./docker.ts";

/** After all tests: the Docker daemon they started ends, unless another test run uses it. */
export async function teardown(): Promise<void> {
  await endIdleDocker();
}
