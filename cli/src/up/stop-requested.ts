/** Ctrl-C or a supervisor's SIGTERM asks to stop; the second one ends the process at once. */
export function stopRequested(): {
  readonly requested: Promise<void>;
  readonly signal: AbortSignal;
  done(): void;
} {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    resolve();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    requested: promise,
    signal: controller.signal,
    done: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
