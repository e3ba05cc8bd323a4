"use client";

import { formatDateTime } from "@sentinel/contracts/text/screen";
import { ago, clockTime, shortSpan, tickingSpan } from "../lib/format.ts";
import { useNow } from "../lib/live.ts";
import { useReader } from "./locale.tsx";

interface Instant {
  readonly at: string;
}

/** "3 min ago", ticking; the full date on hover. */
export function RelativeTime({ at }: Instant) {
  const { locale } = useReader();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatDateTime(locale, ms)}>
      {ago(locale, now - ms)}
    </time>
  );
}

/** "14:02:48" today, with the date on other days. */
export function ClockTime({ at }: Instant) {
  const { locale } = useReader();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatDateTime(locale, ms)}>
      {clockTime(locale, ms, now)}
    </time>
  );
}

/** How long since an instant, or between two: "3 min 12 s". */
export function Duration({ from, to = null }: { readonly from: string; readonly to?: string | null }) {
  const { locale } = useReader();
  const now = useNow();
  const end = to === null ? now : Date.parse(to);
  return <span className="ticking">{tickingSpan(locale, end - Date.parse(from))}</span>;
}

/** The same in its largest unit, for narrow columns: "3 min". */
export function ShortDuration({ from }: { readonly from: string }) {
  const { locale } = useReader();
  return <span className="ticking">{shortSpan(locale, useNow() - Date.parse(from))}</span>;
}

/** What is left until an instant; `over` when it has passed. */
export function Countdown({ to, over }: { readonly to: string; readonly over: string }) {
  const { locale } = useReader();
  const left = Date.parse(to) - useNow();
  return <span className="ticking">{left > 0 ? shortSpan(locale, left + 999) : over}</span>;
}
