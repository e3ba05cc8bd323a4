/** Without a header a scrape is given two minutes, as Prometheus's own limit is. */
const DEFAULT_SECONDS = 120;

/**
 * How long a probe may take: what Prometheus waits less the offset, and no longer than the module says.
 * @param header value of `X-Prometheus-Scrape-Timeout-Seconds`; undefined or empty where it was not sent.
 * @returns undefined for a header that is no number.
 */
export function probeTimeoutMs(
  header: string | undefined,
  moduleMs: number,
  offsetSeconds: number,
): number | undefined {
  const given = header === undefined || header === "" ? 0 : Number(header);
  if (!Number.isFinite(given) || header?.trim() === "") return undefined;
  const limitMs = ((given === 0 ? DEFAULT_SECONDS : given) - offsetSeconds) * 1000;
  return (moduleMs > 0 && moduleMs < limitMs) || limitMs < 0 ? moduleMs : limitMs;
}
