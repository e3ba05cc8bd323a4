import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { createInbox, createRefusals, type Inbox, type Refusals } from "./inbox.ts";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came, lines ended by "\r\n". */
  readonly raw: string;
}

export interface MailSink {
  readonly host: string;
  readonly port: number;
  /** What was taken, oldest first. */
  readonly received: readonly Mail[];
  /** Resolves once at least `count` were taken. */
  waitFor(count: number): Promise<void>;
  /** Refuses the next `count` messages with this code after their last line. */
  failNext(count: number, status: number): void;
  stop(): Promise<void>;
}

export interface MailSinkOptions {
  /** A free one when absent. */
  readonly port?: number;
  /** Demands this login before it takes a message. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A mail server on loopback, without encryption, that keeps what it is given. */
export async function startMailSink(options: MailSinkOptions = {}): Promise<MailSink> {
  const inbox = createInbox<Mail>();
  const refusals = createRefusals();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client that leaves in the middle ends its conversation, nothing else.
    socket.on("error", () => socket.destroy());
    converse(socket, { inbox, refusals, login: options.login }).catch(() => socket.destroy());
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
    received: inbox.received,
    waitFor: (count) => inbox.waitFor(count),
    failNext: (count, status) => refusals.failNext(count, status),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Post {
  readonly inbox: Inbox<Mail>;
  readonly refusals: Refusals;
  readonly login: MailSinkOptions["login"];
}

interface Session {
  known: boolean;
  from: string;
  to: string[];
  /** Undefined outside DATA. */
  lines: string[] | undefined;
}

async function converse(socket: Socket, post: Post): Promise<void> {
  const session: Session = { known: post.login === undefined, from: "", to: [], lines: undefined };
  socket.write("220 sink ESMTP\r\n");
  for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    const answer =
      session.lines === undefined ? command(line, session, post) : content(line, session.lines, session, post);
    if (answer !== undefined) socket.write(`${answer}\r\n`);
    if (answer?.startsWith("221") === true) socket.end();
  }
}

function content(line: string, lines: string[], session: Session, post: Post): string | undefined {
  if (line !== ".") {
    lines.push(line.startsWith(".") ? line.slice(1) : line);
    return undefined;
  }
  const mail: Mail = { from: session.from, to: session.to, raw: `${lines.join("\r\n")}\r\n` };
  Object.assign(session, { from: "", to: [], lines: undefined });
  const status = post.refusals.next();
  if (status !== undefined) return `${status} refused`;
  post.inbox.add(mail);
  return "250 taken";
}

function command(line: string, session: Session, { login }: Post): string {
  const verb = (/^[A-Za-z]+/.exec(line)?.[0] ?? "").toUpperCase();
  const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
  switch (verb) {
    case "EHLO":
      return login === undefined ? "250-sink\r\n250 8BITMIME" : "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN";
    case "HELO":
    case "NOOP":
      return "250 sink";
    case "AUTH":
      session.known = login !== undefined && line.split(" ")[2] === plainLogin(login);
      return session.known ? "235 known" : "535 unknown user or wrong password";
    case "MAIL":
      if (!session.known) return "530 log in first";
      session.from = address;
      return "250 sender";
    case "RCPT":
      session.to.push(address);
      return "250 recipient";
    case "DATA":
      session.lines = [];
      return "354 end with a dot";
    case "RSET":
      Object.assign(session, { from: "", to: [], lines: undefined });
      return "250 forgotten";
    case "QUIT":
      return "221 bye";
    default:
      return "502 not known here";
  }
}

const plainLogin = (login: { readonly user: string; readonly password: string }): string =>
  Buffer.from(`\u0000${login.user}\u0000${login.password}`).toString("base64");
