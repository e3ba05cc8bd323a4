import type { Server } from "node:http";
import { SentinelError } from "@sentinel/contracts/errors";

const ADDRESS = "127.0.0.1";

/**
 * Listens on loopback, on the wanted port or, where that one is taken, on a free one; resolves with the port.
 * @throws SentinelError `demo_port_unavailable` {address, reason}
 */
export async function listen(server: Server, wanted: number): Promise<number> {
  try {
    return await listenOn(server, wanted);
  } catch {
    // Somebody else has it; the demo does not care which port it gets.
    return listenOn(server, 0).catch((cause: unknown) => {
      const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
      throw new SentinelError("demo_port_unavailable", { address: ADDRESS, reason }, { cause });
    });
  }
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, ADDRESS, () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

/** Stops at once: nobody waits for the last answer of a demo. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
