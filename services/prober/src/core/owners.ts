/** A prober among those of its region. */
export interface Candidate {
  readonly name: string;
  /** Its share beside those of others; 1 unless told. */
  readonly weight: number;
}

/**
 * Who watches a monitor: the `count` candidates with the highest scores, best first. Each score is of one candidate and
 * the monitor alone, so that all probers agree without asking each other, and one that comes or goes moves only its own.
 */
export function ownersOf(monitorId: string, candidates: readonly Candidate[], count = 1): readonly string[] {
  const hashOfId = fnv(monitorId);
  const scored = candidates.map(({ name, weight }) => ({ name, score: scoreOf(hashOfId, name, weight) }));
  scored.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, Math.max(1, count)).map(({ name }) => name);
}

/** The same few names are asked for with every monitor. */
const names = new Map<string, number>();

/** The logarithmic method: shares are exactly as the weights. */
function scoreOf(hashOfId: number, name: string, weight: number): number {
  const hashOfName = names.get(name) ?? mix(fnv(name));
  names.set(name, hashOfName);
  const mixed = mix(hashOfId ^ hashOfName);
  return -weight / Math.log((mixed + 0.5) / 2 ** 32);
}

/** FNV-1a, 32 bits. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}

/** The finalizer of MurmurHash3: every bit of the input changes half of those of the output. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
