"use client";

import { formatTime } from "@sentinel/contracts/text";
import { shortSpan } from "../lib/format.ts";
import { useLive, useNow } from "../lib/live.ts";
import { useReader } from "./locale.tsx";
import { Announcer } from "./toast.tsx";

/** Old data stays on screen, and this says how old it is. */
export function StaleBanner() {
  const { locale, t } = useReader();
  const live = useLive();
  const now = useNow();
  const lost = live.connection === "lost";
  const stale = live.seeded && live.heardAtMs !== null && (lost || (live.connection === "live" && !live.upstream));
  const heardAtMs = live.heardAtMs ?? now;
  const params = { time: formatTime(locale, heardAtMs), age: shortSpan(locale, now - heardAtMs) };
  const sentence = t(lost ? "stale.lost" : "stale.upstream", params);
  return (
    <>
      {stale ? (
        <aside className="stale" aria-label={t("live.lost")}>
          {sentence}
        </aside>
      ) : null}
      <Announcer change={stale ? (lost ? "lost" : "upstream") : "fresh"} text={stale ? sentence : t("live.now")} />
    </>
  );
}
