"use client";

import { formatTime, type Locale } from "@sentinel/contracts/text/screen";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { latency } from "../lib/format.ts";
import type { LatencySeries } from "../lib/latency-series.ts";
import { useTheme } from "../lib/theme.ts";
import { useReader } from "./locale.tsx";

const HEIGHT = 180;

interface Palette {
  readonly line: string;
  readonly fill: string;
  readonly ink: string;
  readonly grid: string;
  readonly font: string;
}

/** A canvas knows no custom properties: the browser resolves them on elements made for it. */
function paletteOf(root: HTMLElement): Palette {
  const colour = (name: string): string => {
    const probe = root.querySelector(`.probe-${name}`);
    return probe === null ? "" : getComputedStyle(probe).color;
  };
  const { fontFamily, fontSize } = getComputedStyle(root);
  return {
    line: colour("line"),
    fill: colour("fill"),
    ink: colour("ink"),
    grid: colour("grid"),
    font: `${fontSize} ${fontFamily}`,
  };
}

function optionsOf(palette: Palette, locale: Locale, width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: palette.ink,
    font: palette.font,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: { y: { range: (_self, _min, max) => [0, Math.max(10, max * 1.15)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 90,
        values: (_self, ticks) => ticks.map((at) => formatTime(locale, at * 1000)),
      },
      { ...axis, size: 58, space: 36, values: (_self, ticks) => ticks.map((ms) => latency(locale, ms)) },
    ],
    series: [{}, { stroke: palette.line, fill: palette.fill, width: 1.5, points: { show: false } }],
  };
}

/** The curve itself, drawn by uPlot; redrawn in place as rounds come in. */
export function LatencyPlot({ series, label }: { readonly series: LatencySeries; readonly label: string }) {
  const { locale } = useReader();
  const theme = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  useEffect(() => {
    const root = place.current;
    if (root === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(paletteOf(root), locale, root.clientWidth), [[], []], root);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: root.clientWidth, height: HEIGHT }));
    resized.observe(root);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      scheme.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [locale, theme]);
  useEffect(() => {
    plot.current?.setData([[...series.times], [...series.values]]);
  }, [series, locale, theme]);
  return (
    <div className="plot" ref={place} role="img" aria-label={label}>
      <span className="probe-line" />
      <span className="probe-fill" />
      <span className="probe-ink" />
      <span className="probe-grid" />
    </div>
  );
}
