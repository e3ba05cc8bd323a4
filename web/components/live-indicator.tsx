"use client";

import { ago } from "../lib/format.ts";
import { useLive, useNow } from "../lib/live.ts";
import { lastCheckedMs, type LiveState } from "../lib/live-state.ts";
import { useReader } from "./locale.tsx";

/** "Live · checked 2 s ago", or what the connection is instead. */
export function LiveIndicator() {
  const { locale, t } = useReader();
  const live = useLive();
  const now = useNow();
  const tone = toneOf(live);
  const last = lastCheckedMs(live);
  const words =
    live.connection === "live"
      ? last === null
        ? t("live.waiting")
        : t("live.checked", { ago: ago(locale, now - last) })
      : t(`live.${live.connection}`);
  return (
    <span className={`live ${tone}`}>
      <span className="live-dot" aria-hidden="true" />
      <span className="live-words">{words}</span>
    </span>
  );
}

function toneOf(live: LiveState): "good" | "waiting" | "bad" {
  if (live.connection === "live") return live.upstream ? "good" : "bad";
  return live.connection === "connecting" ? "waiting" : "bad";
}
