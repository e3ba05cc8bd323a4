import Link from "next/link";
import type { ButtonHTMLAttributes, ReactNode } from "react";

export type Tone = "plain" | "primary" | "danger" | "quiet";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly tone?: Tone;
  /** Keeps its size and place while its action runs, and cannot be pressed twice. */
  readonly busy?: boolean;
}

export function Button({ tone = "plain", busy = false, className = "", children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${tone} ${className}`}
      aria-busy={busy}
      aria-disabled={busy || rest.disabled === true}
      onClick={busy ? undefined : rest.onClick}
    >
      {children}
    </button>
  );
}

interface ButtonLinkProps {
  readonly href: string;
  readonly tone?: Tone;
  readonly children: ReactNode;
}

export function ButtonLink({ href, tone = "plain", children }: ButtonLinkProps) {
  return (
    <Link className={`button ${tone}`} href={href} prefetch={false}>
      {children}
    </Link>
  );
}

interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly choices: readonly Choice<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A few choices of which one holds. */
export function Segments<T extends string>({ label, choices, value, onChange }: SegmentsProps<T>) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
