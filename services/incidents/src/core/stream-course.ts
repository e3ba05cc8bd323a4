/** How far the check stream has been read. */
export interface StreamPlace {
  /** Life of the stream; empty when nothing was ever read. */
  readonly epoch: string;
  readonly seq: number;
  /** Fingerprint of the message at `seq`; empty when it is not known. */
  readonly fingerprint: string;
}

/** What the broker did to the stream: it was made anew, or lost its newest messages and numbers them again. */
export type StreamTurn = "remade" | "shortened";

/**
 * Whether a message can follow a place. The very message of the place may come again; another one under its number
 * means that the numbers from some point on belong to other messages by now.
 */
export function turnBefore(message: StreamPlace, place: StreamPlace): StreamTurn | undefined {
  if (place.epoch === "") return undefined;
  if (message.epoch !== place.epoch) return "remade";
  if (message.seq > place.seq) return undefined;
  const same = message.seq === place.seq && (place.fingerprint === "" || message.fingerprint === place.fingerprint);
  return same ? undefined : "shortened";
}

/** Whether a stream with this end still holds what was read of it. */
export function turnOf(end: { readonly epoch: string; readonly lastSeq: number }, place: StreamPlace) {
  if (place.epoch === "") return undefined;
  if (end.epoch !== place.epoch) return "remade";
  return end.lastSeq < place.seq ? "shortened" : undefined;
}
