/** What `expect.status` may list, most usual first within each class. */
const USUAL: readonly number[] = [
  200, 201, 202, 203, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 410, 422, 429, 500, 501,
  502, 503, 504, 100, 101,
];
const MAX_LISTED = 20;

export interface StatusChoice {
  /** Undefined where nothing need be said: 2xx is what is expected anyway. */
  readonly status: readonly number[] | undefined;
  /** False where only the usual ones of a range are named. */
  readonly exact: boolean;
}

/** The statuses that a rule lets through, in a form that `expect.status` takes. */
export function statusesFor(allows: (status: number) => boolean): StatusChoice {
  const all = Array.from({ length: 500 }, (_, i) => 100 + i).filter(allows);
  const only2xx = all.length === 100 && all.every((status) => status >= 200 && status < 300);
  if (only2xx) return { status: undefined, exact: true };
  if (all.length <= MAX_LISTED) return { status: all, exact: true };
  return { status: USUAL.filter(allows).slice(0, MAX_LISTED), exact: false };
}

/** "200-299", "404" and the like, as a rule; undefined for what is neither. */
export function statusRule(text: string): ((status: number) => boolean) | undefined {
  const [, from, to] = /^(\d{3})(?:\s*-\s*(\d{3}))?$/.exec(text.trim()) ?? [];
  if (from === undefined) return undefined;
  return (status) => status >= Number(from) && status <= Number(to ?? from);
}
