import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value, in the reader's words. */
  readonly problem?: string | undefined;
}

interface ControlIds {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

function FieldFrame({
  label,
  hint,
  problem,
  children,
}: FieldProps & { readonly children: (ids: ControlIds) => ReactNode }) {
  const id = useId();
  const described = [hint === undefined ? "" : `${id}-hint`, problem === undefined ? "" : `${id}-problem`];
  const describedBy = described.filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": describedBy === "" ? undefined : describedBy,
        "aria-invalid": problem === undefined ? undefined : true,
      })}
      {problem === undefined ? null : (
        <p className="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {hint === undefined ? null : (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A labelled line of text; its hint and its problem are read with it. */
export function TextField({ label, hint, problem, ...input }: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <FieldFrame label={label} problem={problem} {...(hint === undefined ? {} : { hint })}>
      {(ids) => <input type="text" autoComplete="off" spellCheck={false} {...input} {...ids} />}
    </FieldFrame>
  );
}

/** Several lines of text, as long as what stands in them. */
export function AreaField({ label, hint, problem, ...area }: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <FieldFrame label={label} problem={problem} {...(hint === undefined ? {} : { hint })}>
      {(ids) => <textarea className="code-area" autoComplete="off" spellCheck={false} {...area} {...ids} />}
    </FieldFrame>
  );
}

interface SelectFieldProps extends FieldProps, SelectHTMLAttributes<HTMLSelectElement> {
  readonly choices: readonly (readonly [string, string])[];
}

export function SelectField({ label, hint, problem, choices, ...select }: SelectFieldProps) {
  return (
    <FieldFrame label={label} problem={problem} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <select {...select} {...ids}>
          {choices.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </FieldFrame>
  );
}
