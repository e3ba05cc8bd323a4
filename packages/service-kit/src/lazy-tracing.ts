import type { Log } from "./log.ts";
import { offTracing } from "./noop.ts";
import type { Tracing } from "./telemetry.ts";

/**
 * Tracing that is off until its implementation has been loaded, a third of a second after start. If that fails it stays
 * off and says so in the log: a missing trace must not stop a service.
 */
export function lazyTracing(load: () => Promise<Tracing>, log: Log): Tracing {
  let current = offTracing;
  const begin = async (): Promise<void> => {
    try {
      current = await load();
    } catch (error) {
      log.warn("tracing.not_loaded", { error });
    }
  };
  const loaded = begin();
  return {
    start: (name, options) => current.start(name, options),
    stop: async () => {
      await loaded;
      await current.stop();
    },
  };
}
