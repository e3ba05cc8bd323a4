import { dns, mysql, nats, postgres, prometheus, redis } from "./server-worlds.ts";
import { domain, heartbeat, icmp, tcp, udp } from "./plain-worlds.ts";
import { browser, grpc, http, scenario, tls, webSocket } from "./web-worlds.ts";
import type { Opening } from "./world.ts";

/** Every kind of check, SQL in both of its languages. */
export const OPENINGS: Readonly<Record<string, Opening>> = {
  http,
  scenario,
  tcp,
  udp,
  dns,
  icmp,
  tls,
  domain,
  grpc,
  webSocket,
  postgres,
  mysql,
  redis,
  nats,
  prometheus,
  heartbeat,
  browser,
};
