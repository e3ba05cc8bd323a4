import { createServer } from "node:http";

/** A page on loopback for whoever wants to know whether this process can reach anything at all. */
export interface LoopbackPage {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws Error when nothing can be listened on */
export async function startLoopbackPage(): Promise<LoopbackPage> {
  const server = createServer((_request, response) => response.end("alive"));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
