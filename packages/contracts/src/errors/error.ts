/** What a reader is told of an error; `{name}` stands for a parameter. */
export interface ErrorText {
  /** What happened, in one line. */
  readonly title: string;
  /** Why, with the facts of this case. */
  readonly detail: string;
  /** What to do next. */
  readonly fix: string;
}

export interface ErrorSpec {
  /** HTTP status at the REST edge. */
  readonly http: number;
  /** Status name at the gRPC edge, such as "NOT_FOUND". */
  readonly grpc: string;
  readonly en: ErrorText;
  readonly fr: ErrorText;
}

export type ErrorTable = Readonly<Record<string, ErrorSpec>>;

export type ErrorParams = Readonly<Record<string, string>>;

/**
 * The one error family. `code` is a key of the error table and `params` fill its sentences;
 * `cause` stays inside and never reaches a client.
 */
export class SentinelError extends Error {
  readonly code: string;
  readonly params: ErrorParams;
  /** Single faults of a bad input, such as each wrong field. */
  readonly problems: readonly FieldProblem[];

  constructor(
    code: string,
    params: ErrorParams = {},
    options: { cause?: unknown; problems?: readonly FieldProblem[] } = {},
  ) {
    super(`${code} ${JSON.stringify(params)}`, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "SentinelError";
    this.code = code;
    this.params = params;
    this.problems = options.problems ?? [];
  }

  /** The only catch idiom: whatever was thrown, as one of the family; an unknown throw is `internal`. */
  static from(thrown: unknown): SentinelError {
    if (thrown instanceof SentinelError) return thrown;
    return new SentinelError("internal", {}, { cause: thrown });
  }
}

/** One fault in a document somebody wrote: where it is, what was wrong, what was expected. */
export interface FieldProblem {
  /** Such as "monitors.shop.every". */
  readonly path: string;
  /** A key of the problem texts, such as "unknown_key". */
  readonly code: string;
  readonly params: ErrorParams;
  /** 1-based; absent where the input has no lines. */
  readonly line?: number;
  readonly column?: number;
}
