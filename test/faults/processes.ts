import { readFile } from "node:fs/promises";

/** Process ids of a process and all that it started, by what the system knows. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const found = children
    .split(" ")
    .map(Number)
    .filter((each) => each > 1);
  const below = await Promise.all(found.map(descendants));
  return [pid, ...below.flat()];
}
