import { SentinelError } from "@sentinel/contracts";
import { type Failpoint, FAILPOINTS } from "./failpoint.ts";
import { noFailpoint } from "./noop.ts";

/**
 * Arms the named point, such as "fold.before-commit", or "fold.before-commit:3" for its third hit: the process is then
 * killed at once, as by a power cut. Undefined or empty arms nothing. Errors: `environment_invalid` for an unknown name.
 * @param kill for tests of this function; the default ends the process.
 */
export function createFailpoint(armed: string | undefined, kill: () => void = killSelf): Failpoint {
  if (armed === undefined || armed === "") return noFailpoint;
  const { point, hit } = parse(armed);
  let hits = 0;
  return (name) => {
    if (name !== point) return;
    hits += 1;
    if (hits === hit) kill();
  };
}

function parse(armed: string): { point: string; hit: number } {
  const [point = "", times = "1", ...rest] = armed.split(":");
  const known = FAILPOINTS.some((name) => name === point);
  if (!known || rest.length > 0 || !/^[1-9]\d*$/.test(times)) {
    const expected = `${FAILPOINTS.join(", ")}; with ":3" for the third hit`;
    throw new SentinelError("environment_invalid", { name: "SENTINEL_FAILPOINT", value: armed, expected });
  }
  return { point, hit: Number(times) };
}

function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
