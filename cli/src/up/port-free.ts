import { createServer } from "node:net";
import { SentinelError } from "@sentinel/contracts/errors";

/** Looks before anything is started. @throws SentinelError `port_unavailable` {address, reason} */
export async function demandPortFree(host: string, port: number): Promise<void> {
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
  await new Promise((resolve) => server.close(resolve));
}
