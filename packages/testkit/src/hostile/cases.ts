import type { Turns } from "./hostile-dns.ts";

/** Addresses that the suite's own servers have; the policy takes them for somebody else's, as they are. */
export const OURS = { v4: "93.184.215.14", v6: "2606:2800:21f:cb07::1" } as const;

/** Something written, answered or replied that should lead a check astray. */
export interface HostileCase {
  readonly name: string;
  /** What is written where a host stands; "{name}" where the name server has the word. */
  readonly host: string;
  readonly turns?: Turns;
}

const literal = (why: string, hosts: readonly string[]): readonly HostileCase[] =>
  hosts.map((host) => ({ name: `${why}: ${host}`, host }));

/** An address that is forbidden, in every spelling that some parser takes for it. */
export const SPELLINGS: readonly HostileCase[] = [
  ...literal("metadata", ["169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "169.254.170.2"]),
  ...literal("metadata of IPv6", ["[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::a9fe:a9fe]"]),
  ...literal("private", ["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "169.254.1.1"]),
  ...literal("unique local and link local", ["[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[fec0::1]"]),
  ...literal("loopback", [
    "127.0.0.1",
    "127.255.255.254",
    "[::1]",
    "localhost",
    "a.localhost",
    "LOCALHOST",
    "localhost.",
  ]),
  ...literal("nobody", ["0.0.0.0", "0.1.2.3", "[::]", "[0:0:0:0:0:0:0:0]"]),
  ...literal("broadcast and multicast", ["255.255.255.255", "224.0.0.1", "239.255.255.250", "[ff02::1]", "[ff0e::1]"]),
  ...literal("reserved", [
    "240.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "198.18.0.1",
    "[2001:db8::1]",
    "[100::1]",
    "[4000::1]",
  ]),
  ...literal("decimal", ["2852039166", "2130706433", "167772161", "0"]),
  ...literal("hexadecimal", ["0xa9fea9fe", "0x7f000001", "0xa9.0xfe.0xa9.0xfe", "0x7f.1", "0x0a.0.0.1"]),
  ...literal("octal", ["0251.0376.0251.0376", "0177.0.0.1", "012.0.0.1", "025177524776"]),
  ...literal("short", ["127.1", "127.0.1", "10.1", "169.254.43518", "192.168.257"]),
  ...literal("overflowing", ["4294967297", "127.0.0.257", "425.510.425.510"]),
  ...literal("trailing dot", ["169.254.169.254.", "10.0.0.1.", "0x7f.1.", "10.0.0.1.."]),
  ...literal("other digits", [
    "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
    "１０.０.０.１",
    "127。0。0。1",
    "10．0．0．1",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "٢٧.٠.٠.١",
  ]),
  ...literal("other letters", ["ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "loca\u00adlhost", "ｌocalhost", "local\u200bhost"]),
  ...literal("percent-encoded", [
    "%31%30.0.0.1",
    "127%2e0%2e0%2e1",
    "%6c%6f%63%61%6c%68%6f%73%74",
    "10.0.0.1%00.example.com",
  ]),
  ...literal("mapped", [
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:10.0.0.1]",
    "[::FFFF:7f00:1]",
    "[0:0:0:0:0:ffff:192.168.1.1]",
  ]),
  ...literal("compatible", ["[::169.254.169.254]", "[::10.0.0.1]", "[::7f00:1]"]),
  ...literal("translated", ["[::ffff:0:169.254.169.254]", "[::ffff:0:a00:1]"]),
  ...literal("NAT64", [
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a9fe:a9fe]",
  ]),
  ...literal("6to4", ["[2002:a9fe:a9fe::]", "[2002:a00:1::1]", "[2002:7f00:1::]", "[2002:c0a8:101::1]"]),
  ...literal("Teredo", ["[2001:0:5ef5:79fb::f5ff:fffe]", "[2001::1]"]),
  ...literal("zone id", ["[fe80::1%25lo]", "[fe80::1%lo]", "[::1%25lo]", "[fe80::1%251]", "fe80::1%lo"]),
  ...literal("user name", [
    "93.184.215.14@10.0.0.1",
    "93.184.215.14:80@169.254.169.254",
    "93.184.215.14#@10.0.0.1",
    "93.184.215.14%40@127.0.0.1",
  ]),
  ...literal("backslash", [
    "93.184.215.14\\@10.0.0.1",
    "10.0.0.1\\.example.com",
    "10.0.0.1#.example.com",
    "10.0.0.1?.example.com",
  ]),
  ...literal("white space", ["10.0.0.1\t", "10.0.\n0.1", " 127.0.0.1", "127.0.0.1\r\nHost: x"]),
  ...literal("name of this machine", ["ip6-localhost", "localhost.localdomain", "ip6-loopback"]),
];

const { v4, v6 } = OURS;
const named = (name: string, ...turns: Turns): HostileCase => ({ name, host: "{name}", turns });

/** A name whose server leads it to where it should not, at once or later. */
export const NAMES: readonly HostileCase[] = [
  ...[
    "169.254.169.254",
    "10.0.0.1",
    "172.20.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.251",
  ].map((address) => named(`answers ${address}`, [address])),
  ...["255.255.255.255", "100.100.100.200", "192.0.0.192", "198.18.0.1"].map((each) =>
    named(`answers ${each}`, [each]),
  ),
  ...["::1", "::", "fd00::8", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1"].map((address) =>
    named(`answers ${address}`, [address]),
  ),
  ...["::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::10.0.0.1", "2002:a00:1::", "2001::1"].map(
    (address) => named(`answers ${address}`, [address]),
  ),
  ...["fd00:ec2::254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "::ffff:169.254.169.254"].map((address) =>
    named(`answers ${address}`, [address]),
  ),
  named("a forbidden address after an open one", [v4, "10.0.0.1"]),
  named("a forbidden address before an open one", ["169.254.169.254", v4]),
  named("an open address of IPv4, a forbidden one of IPv6", [v4, "fd00::8"]),
  named("an open address of IPv6, a forbidden one of IPv4", [v6, "10.0.0.1"]),
  named("many open addresses and one forbidden", [v4, "93.184.215.15", "93.184.215.16", "93.184.215.17", "127.0.0.1"]),
  named("another name, which is forbidden", ["cname:inside.test", "10.0.0.1"]),
  named("three other names, the last one forbidden", [
    "cname:a.test",
    "cname:b.test",
    "cname:c.test",
    "169.254.169.254",
  ]),
  named("the name localhost, without an address", ["cname:localhost"]),
  named("the name localhost, with an open address", ["cname:localhost", v4]),
  named("a name that is an address", ["cname:10.0.0.1"]),
  named("changes to metadata", [v4], ["169.254.169.254"]),
  named("changes to a private address", [v4], ["10.0.0.1"]),
  named("changes to loopback", [v4], ["127.0.0.1"]),
  named("changes to nobody's address", [v4], ["0.0.0.0"]),
  named("changes to a mapped address", [v4], ["::ffff:10.0.0.1"]),
  named("changes to loopback of IPv6", [v6], ["::1"]),
  named("changes the second time after it was open", [v4], [v4], ["192.168.1.1"]),
  named("changes by another name", [v4], ["cname:inside.test", "10.0.0.1"]),
  named("goes away and comes back elsewhere", [v4], [], ["10.0.0.1"]),
  named("opens and closes", ["10.0.0.1"], [v4], ["10.0.0.1"]),
];

/** What a server on an open address answers by HTTP; "{host}" is the host of the check. */
export interface HostileAnswer {
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The host it is asked at, where a name server has the word. */
  readonly turns?: Turns;
}

const to = (location: string, status = 302): HostileAnswer => ({
  name: `${status} to ${location}`,
  status,
  headers: { location },
});

const METADATA = "http://169.254.169.254/latest/meta-data/";

/** Redirects, and what only looks like one, to where nobody may go. */
export const ANSWERS: readonly HostileAnswer[] = [
  ...[300, 301, 302, 303, 305, 306, 307, 308, 200, 201, 401, 407, 503].map((status) => to(METADATA, status)),
  ...["http://10.0.0.1/", "http://127.0.0.1:8080/", "https://192.168.1.1/", "http://[::1]/", "http://[fd00::8]/"].map(
    (each) => to(each),
  ),
  ...[
    "//169.254.169.254/",
    "/\\10.0.0.1/",
    "\\\\10.0.0.1\\",
    "http:10.0.0.1",
    "http:///10.0.0.1/",
    "HTTP://10.0.0.1/",
  ].map((each) => to(each)),
  ...["http://0x7f.1/", "http://2852039166/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/"].map((each) =>
    to(each),
  ),
  ...["http://localhost/", "http://inside.test/", `http://${v4}@10.0.0.1/`, "http://10.0.0.1#@example.com/"].map(
    (each) => to(each, 307),
  ),
  ...[
    "ftp://10.0.0.1/",
    "file:///etc/passwd",
    "gopher://10.0.0.1:6379/_INFO",
    "ws://10.0.0.1/",
    "unix:/run/x.sock",
  ].map((each) => to(each)),
  { ...to("/again", 302), name: "to itself, whose name has changed meanwhile", turns: [[v4], ["10.0.0.1"]] },
  { ...to("//{host}:8080/", 308), name: "to its own name and another port", turns: [[v4], ["127.0.0.1"]] },
  { name: "the header Refresh", status: 200, headers: { refresh: `0; url=${METADATA}` } },
  { name: "the header Alt-Svc", status: 200, headers: { "alt-svc": 'h2="10.0.0.1:443", h3="10.0.0.1:443"' } },
  { name: "the header Content-Location", status: 200, headers: { "content-location": METADATA } },
  { name: "the header Link", status: 200, headers: { link: `<${METADATA}>; rel=preconnect` } },
  {
    name: "a demand for a token from elsewhere",
    status: 401,
    headers: { "www-authenticate": `Bearer realm="${METADATA}"` },
  },
];

/** What a server of another protocol says to send a client elsewhere. */
export interface HostileReply {
  readonly name: string;
  /** Kinds of check that are told it. */
  readonly kinds: readonly string[];
  /** Said at once. */
  readonly greeting?: Uint8Array | string;
  /** Said to everything. */
  readonly reply?: Uint8Array | string;
}

const INFO = JSON.stringify({
  server_id: "x",
  version: "2.11.0",
  max_payload: 1_000_000,
  connect_urls: ["10.0.0.1:4222"],
});
const socks = (...rest: readonly number[]): Uint8Array => Uint8Array.from([5, 0, ...rest]);

/** Referrals of protocols that know some. */
export const REPLIES: readonly HostileReply[] = [
  { name: "Redis: the key has moved", kinds: ["redis"], reply: "-MOVED 3999 10.0.0.1:6379\r\n" },
  { name: "Redis: ask another", kinds: ["redis"], reply: "-ASK 3999 169.254.169.254:6379\r\n" },
  { name: "Redis: a replica of another", kinds: ["redis"], reply: "-MASTERDOWN Link with MASTER is down 10.0.0.1\r\n" },
  { name: "NATS: other servers of the cluster", kinds: ["nats"], greeting: `INFO ${INFO}\r\n`, reply: "PONG\r\n" },
  {
    name: "NATS: other servers, and leaving",
    kinds: ["nats"],
    greeting: `INFO ${INFO}\r\n`,
    reply: "-ERR 'lame duck'\r\n",
  },
  {
    name: "LDAP: a referral",
    kinds: ["tcp with STARTTLS of LDAP"],
    reply: "0\x1e\x02\x01\x01x\x19\x0a\x01\x0a\x04\x00\x04\x00\xa3\x10\x04\x0eldap://10.0.0.1",
  },
  {
    name: "SMTP: the user is elsewhere",
    kinds: ["tcp with STARTTLS of SMTP", "mail"],
    greeting: "220 x\r\n",
    reply: "251 <a@[10.0.0.1]>\r\n",
  },
  {
    name: "FTP: entering passive mode",
    kinds: ["tcp with STARTTLS of FTP"],
    greeting: "220 x\r\n",
    reply: "227 Entering Passive Mode (10,0,0,1,0,21)\r\n",
  },
  { name: "SOCKS: bound elsewhere", kinds: ["through SOCKS"], reply: socks(5, 0, 0, 1, 10, 0, 0, 1, 0, 80) },
  {
    name: "SOCKS: bound to a name",
    kinds: ["through SOCKS"],
    reply: socks(5, 0, 0, 3, 9, ...Buffer.from("localhost"), 0, 80),
  },
  {
    name: "proxy: a redirect instead of a tunnel",
    kinds: ["through a proxy by tunnel", "through a proxy"],
    reply: `HTTP/1.1 302 Found\r\nlocation: ${METADATA}\r\ncontent-length: 0\r\n\r\n`,
  },
  {
    name: "proxy: another proxy is to be used",
    kinds: ["through a proxy by tunnel", "through a proxy"],
    reply: "HTTP/1.1 305 Use Proxy\r\nlocation: http://10.0.0.1:3128/\r\ncontent-length: 0\r\n\r\n",
  },
  {
    name: "PostgreSQL: an error that names another server",
    kinds: ["postgres"],
    reply: "E\x00\x00\x00\x22SFATAL\x00C57P03\x00Mtry 10.0.0.1\x00\x00",
  },
  {
    name: "MySQL: a greeting that asks for a file",
    kinds: ["mysql"],
    greeting:
      "J\x00\x00\x00\x0a8.0.0\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\xff\x02\x00\xff\xc1\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00mysql_native_password\x00",
    reply: "\x0c\x00\x00\x02\xfb/etc/passwd",
  },
];
