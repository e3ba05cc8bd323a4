import { connectApi } from "@sentinel/service-kit/grpc";
import { startHttpTarget, startWebhookSink } from "@sentinel/testkit";
import { Sentinel, until } from "../harness/sentinel.ts";
import type { Stage } from "./tell-outage.ts";

const WAKES_AFTER_MS = 1000;

/** A real shop on loopback, a real receiver of messages, and a real Sentinel asked over gRPC. */
export async function startRealStage(
  options: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Stage & { stop(): Promise<void> }> {
  let asleep = false;
  let knocks = 0;
  const shop = await startHttpTarget((request, response) => {
    if (request.headers["sentinel-purpose"] === "wake-up") {
      knocks += 1;
      setTimeout(() => {
        asleep = false;
      }, WAKES_AFTER_MS);
    }
    response.writeHead(asleep ? 503 : 200).end();
  });
  const hook = await startWebhookSink();
  const sentinel = await Sentinel.create({
    config: `notifications:\n  ops: {type: webhook, url: "${hook.url}"}\n`,
    ...(options.args === undefined ? {} : { args: options.args }),
  });
  sentinel.start(options.env);
  await sentinel.ready();
  const api = connectApi({ address: `127.0.0.1:${sentinel.grpcPort}` });
  return {
    api,
    shop: {
      url: `${shop.url}/health`,
      fallAsleep: () => {
        asleep = true;
      },
      knocks: () => knocks,
    },
    told: () =>
      hook.received.map(({ headers, body }) => ({
        id: headers["webhook-id"] ?? "",
        kind: JSON.parse(body).type.replace("incident.", ""),
      })),
    until: async (what, condition) => {
      await until(what, () => (condition() ? true : undefined), 60_000);
    },
    stop: async () => {
      api.close();
      await sentinel.remove();
      await Promise.all([shop.stop(), hook.stop()]);
    },
  };
}
