// oxlint-disable-next-line no-restricted-imports -- it listens for an instant to learn a free port; it connects nowhere
import { createServer } from "node:net";

/** A port of 127.0.0.1 that was free a moment ago; another program may take it first, so be ready to ask again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  if (address === null || typeof address === "string") throw new TypeError("A TCP server has a port.");
  return address.port;
}
