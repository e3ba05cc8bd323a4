import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Attempt, emptyFacts } from "./attempt.ts";
import { allowedAddresses, dial, type DialOptions, enter, failed, noteTried, secure, withAbort } from "./dial.ts";
import type { Conversation, PhaseName, TlsSettings } from "./egress.ts";
import { EgressError } from "./egress-error.ts";
import { reasonOf } from "./reason.ts";

type Where = Attempt & Pick<DialOptions, "host" | "port" | "ipFamily">;

/** Connects, lets `talk` speak, closes; a deadline that passes is charged to the phase in progress. */
export async function converse<T>(
  where: Where,
  tls: TlsSettings | undefined,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const { progress, signal, monotonic } = where;
  let socket: Socket | TLSSocket = await dial({ ...where, tls });
  const broken = Promise.withResolvers<never>();
  // Nobody may be waiting when the connection breaks; whoever reads next learns of it.
  broken.promise.catch(() => undefined);
  const watch = (): void => {
    socket.once("error", (error) => broken.reject(failed(reasonOf(error, progress.phase), progress.phase, {}, error)));
  };
  watch();
  enter(progress, "first_byte", monotonic());
  const conversation: Conversation = {
    socket: () => socket,
    secure: async (settings) => {
      enter(progress, "tls", monotonic());
      socket.removeAllListeners();
      socket = await secure(where, socket, settings);
      watch();
      enter(progress, "first_byte", monotonic());
    },
    enter: (phase) => enter(progress, phase, monotonic()),
    failure: (reason, params = {}) => failureIn(reason, progress.phase, params, where),
    remainingMs: where.remainingMs,
  };
  try {
    const talking = Promise.race([talk(conversation), broken.promise]);
    return await withAbort(talking, signal, () => late(progress.phase, where));
  } finally {
    socket.destroy();
  }
}

const late = (phase: PhaseName, { host, port }: Pick<Where, "host" | "port">) =>
  failed(`timeout_in_${phase}`, phase, { host, port: String(port) });

function failureIn(
  reason: string,
  phase: PhaseName,
  params: Readonly<Record<string, string>>,
  { progress, host, port, monotonic }: Where,
): EgressError {
  enter(progress, phase, monotonic());
  const facts = emptyFacts(progress);
  return new EgressError({ reason, phase, params: { host, port: String(port), ...params }, facts });
}

interface Datagram {
  readonly payload: Uint8Array;
  readonly accepts?: (answer: Uint8Array) => boolean;
}

/** One datagram out and the first accepted one back; connected, so that a closed port is told by the system. */
export async function datagram(where: Where, { payload, accepts = () => true }: Datagram): Promise<Uint8Array> {
  const { progress, monotonic, signal, host, port } = where;
  const [address = ""] = await allowedAddresses(where);
  progress.remoteAddress = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const socket = createSocket(isIP(address) === 6 ? "udp6" : "udp4");
  const from = monotonic();
  let outcome = "timeout_no_answer";
  try {
    enter(progress, "first_byte", monotonic());
    const answered = answerOf(socket, { address, port, payload, accepts }).catch((thrown: unknown) => {
      outcome = reasonOf(thrown, "connect");
      throw failed(outcome, "connect", { host, port: String(port), address }, thrown);
    });
    const answer = await withAbort(answered, signal, () =>
      failed("timeout_no_answer", progress.phase, { host, port: String(port) }),
    );
    outcome = "";
    return answer;
  } finally {
    noteTried(progress, { address, port, outcome }, monotonic() - from);
    socket.close();
  }
}

function answerOf(
  socket: DatagramSocket,
  to: Required<Datagram> & { readonly address: string; readonly port: number },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    socket.on("message", (answer) => {
      if (to.accepts(answer)) resolve(answer);
    });
    // The system may tell of a closed port more than once; an error nobody listens to would end the process.
    socket.on("error", reject);
    socket.connect(to.port, to.address, () => {
      socket.send(to.payload, (error) => {
        if (error !== null && error !== undefined) reject(error);
      });
    });
  });
}
