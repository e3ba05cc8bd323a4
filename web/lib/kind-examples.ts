const STEPS = `steps:
    - { name: open, url: "https://shop.example/login" }
    - { name: account, url: "https://shop.example/account", assert: [{ subject: status, is: 200 }] }`;

/** What may stand beside an address, by its scheme, as people would write it in sentinel.yaml. */
const EXAMPLES: Readonly<Record<string, string>> = {
  http: "assert:\n  - { subject: latency, below: 800ms }",
  tcp: 'tcp:\n  steps: [{ expect: "^220 " }, { send: "QUIT\\r\\n", expect: "^221 " }]',
  udp: 'udp: { send: ping, expect: "^pong" }',
  dns: "dns: { type: A }\nassert:\n  - { subject: rows, atLeast: 1 }",
  icmp: "icmp: { count: 3 }",
  tls: "tls: { warnDays: 21, failDays: 7 }",
  domain: "domain: { warnDays: 30, failDays: 7 }",
  grpc: "grpc:\n  metadata: { x-caller: sentinel }",
  ws: 'webSocket:\n  step: { send: ping, expect: "pong" }',
  sql: 'sql:\n  user: reader\n  password: "${SENTINEL_SECRET_DB}"\n  query: SELECT id FROM orders WHERE late\nassert:\n  - { subject: rows, is: 0 }',
  redis: 'redis: { password: "${SENTINEL_SECRET_REDIS}" }\nassert:\n  - { subject: value, of: role, is: master }',
  nats: 'nats: { token: "${SENTINEL_SECRET_NATS}", jetstream: true }',
  prometheus: 'prometheus: { query: "up{job=\\"api\\"}" }\nassert:\n  - { subject: value, atLeast: 1 }',
  scenario: `scenario:\n  ${STEPS}`,
  browser: "browser:\n  steps:\n    - { name: enter, expectText: Welcome, in: h1 }",
};

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^https?$/, "http"],
  [/^(icmp|ping)$/, "icmp"],
  [/^grpcs?$/, "grpc"],
  [/^wss?$/, "ws"],
  [/^(postgres(ql)?|mysql|mariadb)$/, "sql"],
  [/^rediss?$/, "redis"],
  [/^prometheus\+/, "prometheus"],
  [/^browser\+/, "browser"],
];

/** An example of what this kind of check takes beside its address; undefined where it takes nothing there. */
export function exampleFor(url: string): string | undefined {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? "http";
  const family = FAMILIES.find(([pattern]) => pattern.test(scheme))?.[1] ?? scheme;
  return EXAMPLES[family];
}
