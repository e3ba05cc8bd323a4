"use client";

import { formatTime } from "@sentinel/contracts/text/screen";
import { shortSpan } from "../lib/format.ts";
import { useLive, useNow } from "../lib/live.ts";
import { useReader } from "./locale.tsx";
import { Announcer } from "./toast.tsx";

/** A database that restarts is back within this time, and nobody needs to hear of it. */
const STAND_MS = 15_000;

/** Old data stays on screen, and this says how old it is. */
export function StaleBanner() {
  const { locale, t } = useReader();
  const live = useLive();
  const now = useNow();
  const lost = live.connection === "lost";
  const stale = live.seeded && live.heardAtMs !== null && (lost || (live.connection === "live" && !live.upstream));
  const sinceMs = live.notFoldedSinceMs;
  const standing = live.connection === "live" && sinceMs !== null && now - sinceMs > STAND_MS;
  const what = stale && !standing ? (lost ? "lost" : "upstream") : standing ? "folding" : "fresh";
  const fromMs = standing ? sinceMs : (live.heardAtMs ?? now);
  const params = { time: formatTime(locale, fromMs), age: shortSpan(locale, now - fromMs) };
  const sentence = what === "fresh" ? t("live.now") : t(`stale.${what}`, params);
  return (
    <>
      {what === "fresh" ? null : (
        <aside className="stale" aria-label={t("live.lost")}>
          {sentence}
        </aside>
      )}
      <Announcer change={what} text={sentence} />
    </>
  );
}
