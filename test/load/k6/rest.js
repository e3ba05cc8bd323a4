// REST reads and writes at a fixed arrival rate: an open loop, so a slow server cannot hide by slowing its clients.
import { check } from "k6";
import exec from "k6/execution";
import http from "k6/http";

const base = __ENV.SENTINEL_URL;
const readsPerSecond = Number(__ENV.READS_PER_SECOND || 200);
const writesPerSecond = Number(__ENV.WRITES_PER_SECOND || 5);
const duration = __ENV.DURATION || "10s";

export const options = {
  discardResponseBodies: false,
  scenarios: {
    reads: {
      executor: "constant-arrival-rate",
      exec: "read",
      rate: readsPerSecond,
      timeUnit: "1s",
      duration,
      preAllocatedVUs: 40,
      maxVUs: 200,
    },
    writes: {
      executor: "constant-arrival-rate",
      exec: "write",
      rate: writesPerSecond,
      timeUnit: "1s",
      duration,
      preAllocatedVUs: 10,
      maxVUs: 50,
    },
  },
  // No threshold on time: machines differ. Wrong answers and work that was never started are failures anywhere.
  thresholds: { checks: ["rate==1"], dropped_iterations: ["count==0"] },
};

const READS = [
  "/api/status",
  "/api/v1/status",
  "/api/v1/monitors",
  "/api/v1/incidents",
  "/api/incidents?open_only=true",
];

export function read() {
  const path = READS[exec.scenario.iterationInTest % READS.length];
  const response = http.get(`${base}${path}`, { tags: { name: path } });
  check(response, { "read answers 200 with JSON": (r) => r.status === 200 && r.json() !== null });
}

export function write() {
  const name = `load-${exec.scenario.iterationInTest}`;
  const body = JSON.stringify({ name, endpoints: [`${__ENV.TARGET_URL}/${name}`], every: "1h" });
  const headers = { "content-type": "application/json" };
  const created = http.post(`${base}/api/v1/monitors`, body, { headers, tags: { name: "create" } });
  check(created, { "create answers 201": (r) => r.status === 201 });
  if (created.status !== 201) return;
  const id = created.json("id");
  const removed = http.del(`${base}/api/v1/monitors/${id}`, null, {
    headers: { "if-match": created.headers["Etag"] },
    tags: { name: "delete" },
  });
  check(removed, { "delete answers 204": (r) => r.status === 204 });
}
