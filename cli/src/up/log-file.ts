import { createWriteStream } from "node:fs";
import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";

const MAX_BYTES = 20_000_000;

/** A log of JSON lines in `<data>/logs/<name>.log`; one older file is kept. */
export async function openLogFile(
  dataDir: string,
  name = "sentinel",
): Promise<{ readonly stream: { write(line: string): void }; close(): Promise<void> }> {
  const folder = join(dataDir, "logs");
  const file = join(folder, `${name}.log`);
  await mkdir(folder, { recursive: true });
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > MAX_BYTES) await rename(file, join(folder, `${name}.1.log`));
  const out = createWriteStream(file, { flags: "a" });
  // A log that cannot be written must not end what it tells about.
  out.on("error", () => undefined);
  return {
    stream: { write: (line) => void out.write(line) },
    close: () => new Promise((resolve) => out.end(() => resolve())),
  };
}
