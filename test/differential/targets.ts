import { createServer as createHttp, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTcp } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import { type Certificate, createCertificate } from "@sentinel/testkit";
import { startGrpc } from "./grpc-target.ts";
import { startNameServer } from "./name-server.ts";

const DAY_MS = 86_400_000;

/** The certificates of all targets: of an authority, but for the one that signs itself. */
function certificates(nowMs: number) {
  const life = { validFromMs: nowMs - 30 * DAY_MS, validToMs: nowMs + 300 * DAY_MS };
  const root = createCertificate({ commonName: "Differential Root", authority: true, ...life });
  const issuer = { commonName: "Differential Root", key: root.key };
  const names = ["127.0.0.1", "localhost"];
  return {
    root,
    good: createCertificate({ commonName: "localhost", names, issuer, ...life, validToMs: nowMs + 90 * DAY_MS }),
    expired: createCertificate({ commonName: "localhost", names, issuer, ...life, validToMs: nowMs - DAY_MS }),
    future: createCertificate({ commonName: "localhost", names, issuer, ...life, validFromMs: nowMs + DAY_MS }),
    other: createCertificate({ commonName: "shop.test", names: ["shop.test"], issuer, ...life }),
    self: createCertificate({ commonName: "localhost", names, ...life }),
  };
}

const web: RequestListener = (request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://x");
  const [, kind = "", rest = ""] = pathname.split("/");
  const page = PAGES[kind];
  if (page === undefined) response.writeHead(404).end("not here");
  else page(request, response, rest);
};

type Page = (...args: [...Parameters<RequestListener>, string]) => void;

const PAGES: Readonly<Record<string, Page>> = {
  "": (_request, response) => response.end("ok"),
  status: (_request, response, code) => response.writeHead(Number(code)).end(code === "204" ? undefined : "answer"),
  chunked: (_request, response) => {
    response.write("first ");
    response.end("second");
  },
  modified: (_request, response) =>
    response.writeHead(200, { "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT" }).end("ok"),
  redirect: (_request, response, left) => {
    const to = Number(left) > 1 ? `/redirect/${Number(left) - 1}` : "/";
    response.writeHead(302, { location: to, "content-type": "text/plain" }).end("moved");
  },
  cookie: (request, response) => {
    if ((request.headers.cookie ?? "").includes("seen=1")) response.end("welcome back");
    else response.writeHead(307, { location: "/cookie", "set-cookie": "seen=1; Path=/" }).end();
  },
  loop: (_request, response) => response.writeHead(302, { location: "/loop" }).end(),
  nowhere: (_request, response) => response.writeHead(302, { location: "ftp://127.0.0.1/" }).end(),
  bare: (_request, response) => response.writeHead(302).end("no location"),
  dead: (_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  post: (request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const fits = request.method === "POST" && body === "hello" && request.headers["x-probe"] === "yes";
      response.writeHead(fits ? 200 : 400).end();
    });
  },
  host: (request, response) => response.writeHead(request.headers.host === "shop.test" ? 200 : 400).end(),
  basic: (request, response) => {
    const wanted = `Basic ${Buffer.from("probe:open sesame").toString("base64")}`;
    response.writeHead(request.headers.authorization === wanted ? 200 : 401).end();
  },
  bearer: (request, response) =>
    response.writeHead(request.headers.authorization === "Bearer open sesame" ? 200 : 401).end(),
  error: (_request, response) => response.end("an Error happened"),
  ready: (_request, response) => response.writeHead(200, { "x-state": "ready" }).end("ok"),
  gzip: (_request, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("packed ".repeat(100))),
  large: (_request, response) => response.end("x".repeat(5000)),
  hang: () => undefined,
  stall: (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("only this");
  },
  cut: (_request, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("only this", () => response.socket?.destroy());
  },
  reset: (_request, response) => void response.socket?.resetAndDestroy(),
  close: (_request, response) => void response.socket?.end(),
};

/** Answers on the wire that no HTTP server gives. */
const RAW: Readonly<Record<string, string>> = {
  garbage: "what is this\r\n\r\n",
  banner: "SSH-2.0-OpenSSH_9\r\n",
  old: "HTTP/1.0 200 OK\r\n\r\nold",
  twice: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
  negative: "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nok",
  continued: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
  chunks: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
  odd: "HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\nok",
};

/** Servers that begin to talk, as mail servers do. */
const TALKS: Readonly<Record<string, (socket: Socket) => void>> = {
  ssh: (socket) => void socket.end("SSH-2.0-OpenSSH_9\r\n"),
  quiet: () => undefined,
  closing: (socket) => void socket.end(),
  resetting: (socket) => void socket.resetAndDestroy(),
  unended: (socket) => void socket.end("SSH-2.0-no-line-end"),
  mail: (socket) => {
    socket.write("220 mail ready\r\n");
    socket.once("data", (line) => socket.end(`250 hello ${line.toString().trim() === "EHLO mail" ? "you" : "?"}\r\n`));
  },
  irc: (socket) => {
    socket.write(":irc NOTICE hello\r\nPING :x1y2\r\n");
    let heard = "";
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes("NICK prober\nPONG x1y2\n")) socket.end(":irc 001 welcome\r\n");
    });
  },
};

export interface Targets {
  /** Port of a target by its name. */
  readonly port: (name: string) => number;
  readonly root: string;
  stop(): Promise<void>;
}

/** Starts every target on a free port of loopback. */
export async function startTargets(nowMs: number): Promise<Targets> {
  const certs = certificates(nowMs);
  const servers = new Map<string, Server>([["web", createHttp(web)]]);
  for (const name of ["good", "expired", "future", "other", "self"] as const) servers.set(name, https(certs[name]));
  servers.set(
    "h2",
    createSecureServer({ ...certs.good, allowHTTP1: true }, (_request, response) => response.end("ok")),
  );
  for (const [name, answer] of Object.entries(RAW)) servers.set(name, raw(answer));
  for (const [name, talk] of Object.entries(TALKS)) servers.set(name, talking(talk));
  servers.set(
    "starttls",
    talking((socket) => startTls(socket, certs.good)),
  );
  servers.set("grpc", startGrpc());
  servers.set("grpcs", startGrpc(certs.good));
  const open = new Set<Socket>();
  await Promise.all([...servers.values()].map((server) => listening(server, open)));
  const names = await startNameServer();
  const ports = new Map([...servers].map(([name, server]) => [name, portOf(server.address())]));
  ports.set("dns", names.port);
  ports.set("closed", 1);
  return {
    port: (name) => {
      const port = ports.get(name);
      if (port === undefined) throw new Error(`there is no target ${name}`);
      return port;
    },
    root: certs.root.cert,
    stop: async () => {
      await names.stop();
      const closed = [...servers.values()].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function listening(server: Server, open: Set<Socket>): Promise<void> {
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined).once("close", () => open.delete(socket));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

const portOf = (address: AddressInfo | string | null): number =>
  address === null || typeof address === "string" ? 0 : address.port;

const https = (certificate: Certificate): Server => secured(certificate, createHttp(web));

function secured(certificate: Certificate, http: Server): Server {
  const secureContext = createSecureContext(certificate);
  return createTcp((socket) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    tls.on("error", () => socket.destroy());
    http.emit("connection", tls);
  });
}

const raw = (answer: string): Server => createTcp((socket) => void socket.once("data", () => socket.end(answer)));

const talking = (talk: (socket: Socket) => void): Server =>
  createTcp((socket) => {
    talk(socket);
    socket.resume();
  });

function startTls(socket: Socket, certificate: Certificate): void {
  socket.write("220 ready\r\n");
  socket.once("data", () => {
    socket.write("220 go\r\n", () => {
      const tls = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      tls.on("error", () => socket.destroy());
      tls.once("secure", () => tls.end("secure now\r\n"));
    });
  });
}
