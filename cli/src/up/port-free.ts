import { createServer, type Server } from "node:net";
import { SentinelError } from "@sentinel/contracts/errors";

/** Looks before anything is started. @throws SentinelError `port_unavailable` {address, reason} */
export async function demandPortFree(host: string, port: number): Promise<void> {
  await close(await listen(host, port));
}

/** A port on loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = await listen("127.0.0.1", 0);
  const address = server.address();
  await close(server);
  return address === null || typeof address === "string" ? 0 : address.port;
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new SentinelError("port_unavailable", { address: `${host}:${port}`, reason }, { cause });
  }
  return server;
}

const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));
