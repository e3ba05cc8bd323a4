const SPANS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZES: Readonly<Record<string, number>> = { "": 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Milliseconds of "5s", "1m30s", "0.5s"; undefined for what is no span of Go's. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (SPANS[unit] ?? 0), 0);
}

/** Bytes of "1MB" or "10KiB", by powers of 1024 as blackbox_exporter reads them; undefined for what is no size. */
export function parseGoBytes(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)\s*([KMG]?)i?B?$/i.exec(text.trim()) ?? [];
  const size = SIZES[unit.toUpperCase()];
  return count === undefined || size === undefined ? undefined : Math.round(Number(count) * size);
}
