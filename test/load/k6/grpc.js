// gRPC: unary reads and watch streams held open at the same time.
import { check } from "k6";
import grpc from "k6/net/grpc";

const duration = __ENV.DURATION;
const SERVICE = "sentinel.incidents.v1.SentinelService";

export const options = {
  scenarios: {
    unary: {
      executor: "constant-arrival-rate",
      exec: "unary",
      rate: Number(__ENV.CALLS_PER_SECOND),
      timeUnit: "1s",
      duration,
      preAllocatedVUs: 10,
      maxVUs: 100,
    },
    watch: {
      executor: "per-vu-iterations",
      exec: "watch",
      vus: Number(__ENV.STREAMS),
      iterations: 1,
      maxDuration: "120s",
    },
  },
  // Nothing on time: machines differ. A wrong answer is wrong anywhere.
  thresholds: { checks: ["rate==1"] },
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
  const response = client.invoke(`${SERVICE}/ListMonitors`, {});
  check(response, {
    "ListMonitors answers OK with all monitors": (r) =>
      r.status === grpc.StatusOK && r.message.monitors.length >= Number(__ENV.MONITORS),
  });
}

const WANTED_CHANGES = 5;

export function watch() {
  connect();
  const stream = new grpc.Stream(client, `${SERVICE}/Watch`);
  let complete = false;
  let changes = 0;
  return new Promise((resolve) => {
    let over = false;
    const end = (right) => {
      if (over) return;
      over = true;
      check(null, { "a watch stream gets a snapshot, then changes": () => right });
      client.close();
      resolve();
    };
    stream.on("data", (frame) => {
      if (frame.snapshotComplete) complete = true;
      else if (complete) changes += 1;
      if (changes >= WANTED_CHANGES) end(true);
    });
    stream.on("error", () => end(false));
    stream.on("end", () => end(false));
    stream.write({ topic: "" });
    stream.end();
  });
}
