/** Bounds how many checks ask one host at a time, however many monitors it has. */
export interface HostPlaces {
  /** Begins the work at once, or when one before it ends. An empty host has no bound. */
  run<T>(host: string, work: () => Promise<T>): Promise<T>;
}

interface Host {
  busy: number;
  readonly waiting: (() => void)[];
}

export function createHostPlaces(mostPerHost: number): HostPlaces {
  const hosts = new Map<string, Host>();
  const leave = (name: string, host: Host): void => {
    // Whoever waits takes the place over, so that nobody who comes later is before them.
    const next = host.waiting.shift();
    if (next !== undefined) return next();
    host.busy -= 1;
    if (host.busy === 0) hosts.delete(name);
  };
  return {
    run: async (name, work) => {
      if (name === "") return await work();
      let host = hosts.get(name);
      if (host === undefined) {
        host = { busy: 0, waiting: [] };
        hosts.set(name, host);
      }
      if (host.busy >= mostPerHost) {
        const { waiting } = host;
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else host.busy += 1;
      try {
        return await work();
      } finally {
        leave(name, host);
      }
    },
  };
}
