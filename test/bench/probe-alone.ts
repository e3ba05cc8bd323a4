// The prober alone, in a process of its own: `probe-alone.ts URL MONITORS` checks each of them every second and keeps
// nothing, neither on disk nor on a bus, until its standard input ends.
import {
  type CheckResult,
  type Monitor,
  MonitorSource,
  MonitorView,
  type SentinelApi,
  WatchResponse,
} from "@sentinel/contracts";
import { parseMonitorInput } from "@sentinel/contracts/config";
import { createEgress } from "@sentinel/egress";
import { createEmbeddedBus } from "@sentinel/messaging/embedded";
import { createMetrics, noFailpoint, offTracing, silentLog, systemClock, systemRandom } from "@sentinel/service-kit";
import { createMemorySpool, startProber, toSpooled } from "../../services/prober/src/start.ts";

const [url = "", count = "0"] = process.argv.slice(2);

function monitor(name: string): Monitor {
  const parsed = parseMonitorInput({ name, endpoints: [{ url: `${url}/${name}` }], every: "1s", timeout: "1s" });
  if (!parsed.ok) throw new Error("the bench's own monitor is refused");
  return { id: name, version: 1, createdAtMs: 1, changedAtMs: 1, source: MonitorSource.FILE, spec: parsed.spec };
}

async function* watch(): AsyncGenerator<WatchResponse> {
  for (let i = 0; i < Number(count); i += 1) {
    const value = MonitorView.fromPartial({ monitor: monitor(`m${i}`) });
    yield { ...WatchResponse.fromPartial({ atMs: 1 }), change: { $case: "monitor", value } };
  }
  await new Promise((resolve) => process.stdin.once("end", resolve).resume());
}

const api: Pick<SentinelApi, "watch"> = { watch };
/** What is dropped already is not published either. */
const dropped = (result: CheckResult) => Promise.resolve({ ...toSpooled(result, new Uint8Array(), 0), dropped: true });
const kit = {
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  metrics: createMetrics(),
  tracing: offTracing,
  failpoint: noFailpoint,
};
const prober = await startProber({
  kit,
  bus: createEmbeddedBus(kit),
  api,
  egress: createEgress({ policy: { allowPrivate: true, allowCidrs: [] }, clock: systemClock }),
  spool: { ...createMemorySpool(), append: dropped },
  region: "local",
  name: "alone",
});
await new Promise((resolve) => process.stdin.once("end", resolve));
await prober.stop();
