const TTY_EVERY_MS = 2000;
const PLAIN_EVERY_MS = 10_000;

/** Says at once what is being done and then, now and again, for how long: in place on a terminal, else line by line. */
export function startProgress(what, out = process.stdout) {
  const from = performance.now();
  const seconds = () => Math.round((performance.now() - from) / 1000);
  const show = () => out.write(out.isTTY ? `\r${what}… ${seconds()} s ` : `${what}… ${seconds()} s\n`);
  out.write(out.isTTY ? `${what}…` : `${what}…\n`);
  const timer = setInterval(show, out.isTTY ? TTY_EVERY_MS : PLAIN_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      if (out.isTTY) out.write("\r\u001b[K");
    },
  };
}
