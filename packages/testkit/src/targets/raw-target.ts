import { createServer, type Socket } from "node:net";
import { withMembers } from "./http-target.ts";
import { listen, type Target } from "./listen.ts";

export interface RawTarget extends Target {
  readonly url: string;
}

/** What a scripted target does with each connection once the first bytes of a request came. */
export type Script = (socket: Socket) => void;

/** A TCP server that follows a script, for answers no HTTP server would give. */
export async function startRawTarget(
  script: Script,
  options: { readonly at?: "connection" | "data" } = {},
): Promise<RawTarget> {
  const server = createServer((socket) => {
    if (options.at === "connection") script(socket);
    else socket.once("data", () => script(socket));
    socket.resume();
  });
  const target = await listen(server, 0);
  return withMembers(target, { url: `http://${target.host}` });
}
