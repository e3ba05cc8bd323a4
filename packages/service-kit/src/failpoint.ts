/**
 * A named point of the thread where a crash test may end the process. Does nothing unless SENTINEL_FAILPOINT names it,
 * which service-kit reads once at start.
 */
export type Failpoint = (name: FailpointName) => void;

export const FAILPOINTS = [
  "prober.after-spool",
  "prober.after-publish",
  "fold.before-commit",
  "fold.after-commit",
  "relay.after-publish",
  "repair.after-claim",
  "repair.during-ping",
  "repair.after-ping",
  "repair.after-result",
  "notify.before-send",
  "notify.after-send",
  "notify.after-record",
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];
