// gRPC: unary reads and watch streams held open at the same time.
import { check } from "k6";
import grpc from "k6/net/grpc";

const duration = __ENV.DURATION || "10s";
const streams = Number(__ENV.STREAMS || 20);

export const options = {
  scenarios: {
    unary: {
      executor: "constant-arrival-rate",
      exec: "unary",
      rate: Number(__ENV.CALLS_PER_SECOND || 50),
      timeUnit: "1s",
      duration,
      preAllocatedVUs: 10,
      maxVUs: 50,
    },
    watch: { executor: "per-vu-iterations", exec: "watch", vus: streams, iterations: 1, maxDuration: "60s" },
  },
  thresholds: { checks: ["rate==1"], dropped_iterations: ["count==0"] },
};

const client = new grpc.Client();
client.load([__ENV.PROTO_FOLDER], "sentinel/incidents/v1/service.proto");
let connected = false;

function connect() {
  if (!connected) client.connect(__ENV.GRPC_ADDRESS, { plaintext: true });
  connected = true;
}

export function unary() {
  connect();
  const response = client.invoke("sentinel.incidents.v1.SentinelService/ListMonitors", {});
  check(response, { "ListMonitors answers OK": (r) => r.status === grpc.StatusOK && r.message.monitors.length > 0 });
}

export function watch() {
  connect();
  const stream = new grpc.Stream(client, "sentinel.incidents.v1.SentinelService/Watch");
  let complete = false;
  let changes = 0;
  return new Promise((resolve) => {
    stream.on("data", (frame) => {
      if (frame.snapshotComplete) complete = true;
      else if (complete) changes += 1;
      if (complete && changes >= 5) {
        check(null, { "a watch stream gets a snapshot, then changes": () => true });
        client.close();
        resolve();
      }
    });
    stream.on("error", (error) => {
      if (complete && changes >= 5) return;
      check(error, { "a watch stream gets a snapshot, then changes": () => false });
      resolve();
    });
    stream.write({ topic: "" });
    stream.end();
  });
}
