import type { Decider, EventStore, StoredEvent } from "./store.ts";

/** Up to and with a version, or up to and with an instant in milliseconds since the epoch. */
export type Moment = { readonly version: number } | { readonly atMs: number };

/** A stream as it was: its version then, 0 before its first event, and the state its events make. */
export interface StateAt<State> {
  readonly version: number;
  readonly state: State;
}

/**
 * Folds a stream up to a moment. An instant ends at the first event after it, even where a later one bears an earlier
 * time, so that a state is always one the stream really went through.
 * @param decode What a stored event means; undefined for one this program does not know, which is left out.
 */
export async function stateAt<Tx, Event, State>(
  store: EventStore<Tx>,
  tx: Tx,
  stream: string,
  moment: Moment,
  decider: Pick<Decider<never, Event, State>, "initial" | "evolve">,
  decode: (event: StoredEvent) => Event | undefined,
): Promise<StateAt<State>> {
  let reached: StateAt<State> = { version: 0, state: decider.initial };
  for (const stored of await store.read(tx, stream)) {
    if ("version" in moment ? stored.version > moment.version : stored.atMs > moment.atMs) break;
    const event = decode(stored);
    const state = event === undefined ? reached.state : decider.evolve(reached.state, event);
    reached = { version: stored.version, state };
  }
  return reached;
}
