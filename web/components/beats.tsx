"use client";

import type { Beat } from "@sentinel/contracts/api";
import { memo } from "react";
import { BEATS_SHOWN, countVerdicts, stripOf } from "../lib/beats.ts";
import { useReader } from "./locale.tsx";

interface BeatsProps {
  readonly beats: readonly Beat[];
  readonly shown?: number;
}

/** The last rounds at a glance; height and texture say the state besides colour. */
export const Beats = memo(function Beats({ beats, shown = BEATS_SHOWN }: BeatsProps) {
  const { t } = useReader();
  const { viewBox, paths, empty } = stripOf(beats, shown);
  const counts = [...countVerdicts(beats, shown)];
  const parts = counts.map(([verdict, n]) =>
    t("beats.part", { n: String(n), word: t(`status.${verdict}`).toLowerCase() }),
  );
  const label =
    counts.length === 0
      ? t("services.noBeats")
      : t("beats.summary", { n: String(Math.min(beats.length, shown)), parts: parts.join(", ") });
  return (
    <svg className="beats" viewBox={viewBox} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="beat-empty" d={empty} />
      {[...paths].map(([verdict, d]) => (
        <path key={verdict} className={`beat-${verdict}`} d={d} />
      ))}
    </svg>
  );
});

/** The texture of rounds that told nothing; drawn once a page and used by every strip. */
export function BeatTextures() {
  return (
    <svg className="textures" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className="hatch" width="2" height="4" />
        </pattern>
      </defs>
    </svg>
  );
}
