/** Under `npm start` one Ctrl-C can arrive several times: from the terminal, and passed on by npm. */
const SAME_REQUEST_MS = 300;

/** Ctrl-C or a supervisor's SIGTERM asks to stop; asked once more, the process ends at once. */
export function stopRequested(): {
  readonly requested: Promise<void>;
  readonly signal: AbortSignal;
  done(): void;
} {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  let again = false;
  let finished = false;
  const onSignal = (): void => {
    // All has stopped: whatever comes now changes nothing about how it ended.
    if (finished) process.exit();
    if (again) process.exit(130);
    if (controller.signal.aborted) return;
    setTimeout(() => {
      again = true;
    }, SAME_REQUEST_MS).unref();
    controller.abort();
    resolve();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    requested: promise,
    signal: controller.signal,
    done: () => {
      finished = true;
    },
  };
}
