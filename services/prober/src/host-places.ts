/** So many at a time where nobody says otherwise. */
export const CHECKS_PER_HOST = 100;

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
  const begin = <T>(name: string, host: Host, work: () => Promise<T>): Promise<T> => {
    const done = work();
    const end = (): void => leave(name, host);
    done.then(end, end);
    return done;
  };
  return {
    run: (name, work) => {
      if (name === "") return work();
      const host: Host = hosts.get(name) ?? { busy: 0, waiting: [] };
      hosts.set(name, host);
      const { waiting } = host;
      if (host.busy >= mostPerHost) {
        return new Promise<void>((resolve) => waiting.push(resolve)).then(() => begin(name, host, work));
      }
      host.busy += 1;
      return begin(name, host, work);
    },
  };
}
