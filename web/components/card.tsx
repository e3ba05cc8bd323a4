import { type ReactNode, useId } from "react";

interface CardProps {
  readonly title: string;
  /** One line of context at the right of the title. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A titled surface: a section of the page with its name. */
export function Card({ title, note, children, className = "" }: CardProps) {
  const id = useId();
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {note === undefined ? null : <span className="card-note">{note}</span>}
      </div>
      {children}
    </section>
  );
}

/** Names beside values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
