import type { World } from "./world.ts";
import { OPENINGS } from "./worlds.ts";

/** Starts the servers of every kind; what cannot be had here is said and left out. */
export async function openWorlds(): Promise<readonly World[]> {
  const worlds: World[] = [];
  try {
    for (const [kind, open] of Object.entries(OPENINGS)) {
      const world = await open();
      if ("lacks" in world) process.stderr.write(`skipped: ${kind}, for ${world.lacks} is not installed\n`);
      else worlds.push(world);
    }
    return worlds;
  } catch (error) {
    for (const world of worlds) await world.stop();
    throw error;
  }
}
