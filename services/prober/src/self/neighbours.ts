import { portOf } from "./target-of.ts";
import { type Egress, EgressError } from "@sentinel/egress";

/** A host that worked when it was checked last. */
export interface Neighbour {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

/** The hosts that worked a short while ago: whether these still can be reached tells our trouble from that of a target. */
export interface Neighbours {
  worked(url: string): void;
  failed(url: string): void;
  /** The last ones that worked, each on a host of its own, newest first. */
  latest(count: number): readonly Neighbour[];
}

const KEPT = 500;

export function createNeighbours(): Neighbours {
  const byHost = new Map<string, Neighbour>();
  return {
    worked: (url) => {
      const found = portOf(url);
      // What is on this machine is reached without a way.
      if (found === undefined || isHere(found.host)) return;
      byHost.delete(found.host);
      byHost.set(found.host, { ...found, url });
      const oldest = byHost.size > KEPT ? byHost.keys().next().value : undefined;
      if (oldest !== undefined) byHost.delete(oldest);
    },
    failed: (url) => {
      const found = portOf(url);
      if (found !== undefined) byHost.delete(found.host);
    },
    latest: (count) => [...byHost.values()].toReversed().slice(0, count),
  };
}

const PATIENCE_MS = 1500;

/** Whether the neighbour takes a connection now. */
export async function isReached(egress: Egress, { host, port }: Neighbour): Promise<boolean> {
  try {
    (await egress.connect({ host, port, tls: false, timeoutMs: PATIENCE_MS })).destroy();
    return true;
  } catch {
    return false;
  }
}

/** What the clock of the neighbour shows, in milliseconds; undefined where it does not say. */
export async function clockOf(egress: Egress, { url }: Neighbour): Promise<number | undefined> {
  const { protocol } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  const asking = { url, method: "HEAD", timeoutMs: PATIENCE_MS, tls: { skipVerify: true } };
  const headers = await egress.request(asking).then(
    (answer) => answer.headers,
    (thrown: unknown) => (thrown instanceof EgressError ? thrown.failure.facts.headers : {}),
  );
  const shown = Date.parse(headers["date"] ?? "");
  return Number.isNaN(shown) ? undefined : shown;
}

/** This machine, by the names that it has everywhere. */
export const isHere = (host: string): boolean => host === "localhost" || host === "127.0.0.1" || host === "::1";

/** Neither a literal address nor one of the names of this machine. */
export const isNamed = (host: string): boolean => !/^[\d.]*$|:|^localhost$|\.localhost$/.test(host);
