// REST reads and writes at a fixed arrival rate: an open loop, so a slow server cannot hide by slowing its clients.
import { check } from "k6";
import exec from "k6/execution";
import http from "k6/http";

const base = __ENV.SENTINEL_URL;
const duration = __ENV.DURATION;

const scenario = (name, rate, vus) => ({
  executor: "constant-arrival-rate",
  exec: name,
  rate: Number(rate),
  timeUnit: "1s",
  duration,
  preAllocatedVUs: vus,
  maxVUs: 5 * vus,
});

export const options = {
  scenarios: {
    reads: scenario("read", __ENV.READS_PER_SECOND, 40),
    writes: scenario("write", __ENV.WRITES_PER_SECOND, 10),
  },
  // Nothing on time: machines differ. A wrong answer is wrong anywhere.
  thresholds: { checks: ["rate==1"], http_req_failed: ["rate==0"] },
};

const json = { "content-type": "application/json" };

const READS = [
  ["/api/status", (body) => Object.keys(body.services).length >= Number(__ENV.MONITORS)],
  ["/api/v1/status", (body) => body !== null],
  ["/api/v1/monitors", (body) => body.data.length >= Number(__ENV.MONITORS)],
  ["/api/v1/incidents", (body) => Array.isArray(body.data)],
  ["/api/incidents?open_only=true", (body) => Array.isArray(body.incidents)],
];

export function read() {
  const [path, isRight] = READS[exec.scenario.iterationInTest % READS.length];
  const response = http.get(`${base}${path}`, { tags: { name: path } });
  check(response, { "read answers 200 and what was asked for": (r) => r.status === 200 && isRight(r.json()) });
}

/** The life of a monitor; what a changed ETag or a repeated request must do is part of it. */
export function write() {
  const name = `load-${exec.scenario.iterationInTest}`;
  const spec = { name, endpoints: [`${__ENV.TARGET_URL}/${name}`], every: "1h" };
  const create = () =>
    http.post(`${base}/api/v1/monitors`, JSON.stringify(spec), {
      headers: { ...json, "idempotency-key": name },
      tags: { name: "create" },
    });
  const created = create();
  if (!check(created, { "create answers 201": (r) => r.status === 201 })) return;
  const id = created.json("id");
  check(create(), { "the same request again makes no second one": (r) => r.json("id") === id });
  const url = `${base}/api/v1/monitors/${id}`;
  const stale = { headers: { ...json, "if-match": '"999"' }, tags: { name: "change, stale" } };
  const refused = http.put(url, JSON.stringify(spec), {
    ...stale,
    responseCallback: http.expectedStatuses(412),
  });
  check(refused, { "a stale ETag answers 412": (r) => r.status === 412 });
  const changed = http.put(url, JSON.stringify({ ...spec, every: "2h" }), {
    headers: { ...json, "if-match": created.headers["Etag"] },
    tags: { name: "change" },
  });
  check(changed, { "change answers 200": (r) => r.status === 200 });
  const removed = http.del(url, null, {
    headers: { "if-match": changed.headers["Etag"] },
    tags: { name: "delete" },
  });
  check(removed, { "delete answers 204": (r) => r.status === 204 });
}
