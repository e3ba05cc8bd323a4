import type { ReactNode } from "react";

/** Line icons, 16 units square, drawn in the colour of the text beside them. */
const LINES = {
  overview: "M2.5 8 8 3l5.5 5M4 7v6h8V7",
  incidents: "M8 2.5 14 13H2zM8 7v2.6M8 11v.6",
  monitors: "M1.5 8.5h3l2-5 3 9 2-4h3",
  settings: "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 2.5v4M5.5 9.5v4",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14",
  plus: "M8 3v10M3 8h10",
  chevron: "M6 3.5 10.5 8 6 12.5",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13 10A5.5 5.5 0 1 1 6.5 3a4.5 4.5 0 0 0 6.5 7z",
  screen: "M2 3h12v8H2zM6 13.5h4",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 13.8h2",
  comment: "M2.5 3h11v8H7l-3 2.5V11H2.5z",
  person: "M8 2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM3 13.5c.5-3 2.5-4 5-4s4.5 1 5 4",
  wrench: "M13 4.5 10.8 6.7 9.3 5.2 11.5 3a3.5 3.5 0 0 0-4.6 4.4L2.5 11.8l1.7 1.7 4.4-4.4A3.5 3.5 0 0 0 13 4.5z",
  lens: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14M7 5v4M5 7h4",
  bulb: "M8 2a4 4 0 0 1 2 7.4V11.5H6V9.4A4 4 0 0 1 8 2zM6.5 13.8h3",
  wave: "M1.5 6c2-2.5 4-2.5 6.5 0s4.5 2.5 6.5 0M1.5 11c2-2.5 4-2.5 6.5 0s4.5 2.5 6.5 0",
  dot: "M8 7.5v1",
} as const;

export type IconName = keyof typeof LINES;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={LINES[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d="M8 1.5 14 4v4.5c0 3-2.5 5-6 6-3.5-1-6-3-6-6V4z" />
      <path d="M4.5 8.3h1.8L7.5 5.5l1.5 5 1-2.2h1.5" />
    </svg>
  );
}

export type Shape = "up" | "degraded" | "down" | "unknown" | "sleeping" | "paused" | "maintenance";

/** One form a state, so that it can be told without its colour. */
const SHAPES: Readonly<Record<Shape, ReactNode>> = {
  up: (
    <>
      <circle className="fill" cx="8" cy="8" r="6.5" />
      <path className="cut" d="M5 8.2 7.2 10.4 11 5.9" />
    </>
  ),
  down: (
    <>
      <rect className="fill" x="1.8" y="1.8" width="12.4" height="12.4" rx="2.8" />
      <path className="cut" d="M5.4 5.4 10.6 10.6M10.6 5.4 5.4 10.6" />
    </>
  ),
  degraded: (
    <>
      <path
        className="fill"
        d="M8.9 2.1 15 12.7c.4.7-.1 1.5-.9 1.5H1.9c-.8 0-1.3-.8-.9-1.5L7.1 2.1c.4-.7 1.4-.7 1.8 0z"
      />
      <path className="cut" d="M8 6v3.6M8 11.5v.8" />
    </>
  ),
  unknown: (
    <>
      <circle className="ring" cx="8" cy="8" r="6.2" />
      <path className="mark" d="M6.3 6.4a1.750 1.750 0 1 1 2.3 1.7q-.6.3-.6 1M8 11v.6" />
    </>
  ),
  sleeping: <path className="fill" d="M13.5 10.2A6 6 0 1 1 7 2.5a5 5 0 0 0 6.5 7.7z" />,
  paused: (
    <>
      <rect className="fill" x="3.5" y="2.5" width="3" height="11" rx="1" />
      <rect className="fill" x="9.5" y="2.5" width="3" height="11" rx="1" />
    </>
  ),
  maintenance: <path className="fill" d={LINES.wrench} />,
};

export function ShapeIcon({ shape }: { readonly shape: Shape }) {
  return (
    <svg className="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[shape]}
    </svg>
  );
}
