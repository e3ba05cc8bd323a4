import { ProberBeat, STREAM_PROBERS, subjects } from "@sentinel/contracts";
import type { Bus, StreamConfig } from "./bus.ts";

/** Probers say this often that they are there. */
export const PROBER_BEAT_MS = 1500;
/** One that was not heard for so long is gone. With a beat and a look it is 6 s after its last sign of life at most. */
export const PROBER_DEAD_MS = 4500;

const STREAM: StreamConfig = {
  name: STREAM_PROBERS,
  subjects: ["prober.v1.>"],
  retention: "latest",
  maxAgeMs: 24 * 3_600_000,
  maxBytes: 4_000_000,
};

/** Makes the stream in which probers say that they are there. */
export const ensureProbers = (bus: Pick<Bus, "ensureStream">): Promise<void> => bus.ensureStream(STREAM);

export async function sayBeat(bus: Pick<Bus, "publish">, beat: ProberBeat): Promise<void> {
  await bus.publish(subjects.prober(beat.region, beat.name), ProberBeat.encode(beat).finish());
}

/** The last beat of everybody, then those to come. */
export async function* beats(bus: Pick<Bus, "read">, signal: AbortSignal): AsyncGenerator<ProberBeat> {
  for await (const { data } of bus.read(STREAM_PROBERS, { afterSeq: 0, signal })) {
    const beat = decoded(data);
    if (beat !== undefined) yield beat;
  }
}

/** The last beat of everybody up to now. */
export async function lastBeats(bus: Pick<Bus, "read" | "state">, signal: AbortSignal): Promise<readonly ProberBeat[]> {
  const { lastSeq } = await bus.state(STREAM_PROBERS);
  const found: ProberBeat[] = [];
  if (lastSeq === 0) return found;
  for await (const { data, seq } of bus.read(STREAM_PROBERS, { afterSeq: 0, signal })) {
    const beat = decoded(data);
    if (beat !== undefined) found.push(beat);
    if (seq >= lastSeq) break;
  }
  return found;
}

function decoded(data: Uint8Array): ProberBeat | undefined {
  try {
    return ProberBeat.decode(data);
  } catch {
    return undefined;
  }
}
