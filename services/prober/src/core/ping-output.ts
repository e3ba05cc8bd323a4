export interface PingOutput {
  readonly sent: number;
  readonly received: number;
  readonly lossPercent: number;
  /** Mean of the answers; undefined without any, and for packets too small to hold the time. */
  readonly rttMs: number | undefined;
  /** Hops that the first answer might still have gone. */
  readonly hopLimit: number | undefined;
  /** Who sent a packet back, and in which words. */
  readonly refusal: { readonly from: string; readonly words: string } | undefined;
}

const COUNTS = /(\d+) packets transmitted, (\d+) received/;
const HOP_LIMIT = / ttl=(\d+) /;
const MEAN = /= [\d.]+\/([\d.]+)\/[\d.]+/;
const REFUSAL = /^From (\S+?):? icmp_seq=\d+ (.+)$/m;

/** Reads what `ping` of iputils prints in the C locale; undefined when it holds no summary. */
export function readPing(text: string): PingOutput | undefined {
  const [, sent, received] = COUNTS.exec(text) ?? [];
  if (sent === undefined || received === undefined) return undefined;
  const [, mean] = MEAN.exec(text) ?? [];
  const [, hopLimit] = HOP_LIMIT.exec(text) ?? [];
  const [, from, words] = REFUSAL.exec(text) ?? [];
  const lost = Math.max(0, Number(sent) - Number(received));
  return {
    sent: Number(sent),
    received: Number(received),
    lossPercent: Number(sent) === 0 ? 100 : Math.round((100 * lost) / Number(sent)),
    rttMs: mean === undefined ? undefined : Number(mean),
    hopLimit: hopLimit === undefined ? undefined : Number(hopLimit),
    refusal: from === undefined || words === undefined ? undefined : { from, words },
  };
}

/** Why no packet came back: what the network says of it, or nothing at all. */
export function lossReason(
  host: string,
  { refusal }: PingOutput,
): { readonly reason: string; readonly params: Readonly<Record<string, string>> } {
  if (refusal === undefined) return { reason: "timeout_no_answer", params: { host } };
  const { from, words } = refusal;
  if (/^Time to live exceeded|^Hop limit/i.test(words)) return { reason: "ping_ttl_exceeded", params: { host, from } };
  return { reason: "ping_unreachable", params: { host, from, detail: words } };
}
