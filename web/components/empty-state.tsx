import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons.tsx";

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly detail?: string;
  /** The one thing to do from here. */
  readonly children?: ReactNode;
  readonly heading?: "h1" | "h2";
}

/** Nothing to show, said in one sentence with one action. */
export function EmptyState({ icon, title, detail, children, heading: Heading = "h2" }: EmptyStateProps) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} />
      </span>
      <Heading>{title}</Heading>
      {detail === undefined ? null : <p>{detail}</p>}
      {children === undefined ? null : <div className="empty-action">{children}</div>}
    </div>
  );
}

/** The place of rows that are on their way: same height, nothing jumps. */
export function Skeleton({ rows, label }: { readonly rows: number; readonly label: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className="skeleton-row" />
      ))}
    </div>
  );
}
