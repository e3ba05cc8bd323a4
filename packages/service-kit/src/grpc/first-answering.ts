import type { CallContext, SentinelApi } from "@sentinel/contracts";
import { SentinelError } from "@sentinel/contracts/errors";
import type { ConnectedApi } from "./connect-api.ts";

/** What one says that does not answer questions while another one may. */
const ELSEWHERE = new Set(["standby", "service_unreachable"]);

/**
 * Several services of which one answers: asked is the one that answered last, and when it does not answer any more, the
 * others in turn. Who answers is found out before anything is changed, so that no change is made twice. Throws what the
 * last one said.
 */
export function firstAnswering(apis: readonly ConnectedApi[]): ConnectedApi {
  const [only] = apis;
  if (only === undefined) throw new RangeError("There must be at least one service to ask.");
  if (apis.length === 1) return only;
  let answering = 0;
  const inTurn = (): readonly (readonly [number, ConnectedApi])[] =>
    [...apis.entries()].toSorted(
      ([a], [b]) => ((a - answering + apis.length) % apis.length) - ((b - answering + apis.length) % apis.length),
    );
  const ask =
    <Request, Response>(of: (api: SentinelApi) => (request: Request, context: CallContext) => Promise<Response>) =>
    async (request: Request, context: CallContext): Promise<Response> => {
      let refusal: unknown;
      for (const [index, api] of inTurn()) {
        try {
          const response = await of(api)(request, context);
          answering = index;
          return response;
        } catch (thrown) {
          if (!ELSEWHERE.has(SentinelError.from(thrown).code) || context.signal.aborted) throw thrown;
          refusal = thrown;
        }
      }
      throw refusal;
    };
  const change =
    <Request, Response>(of: (api: SentinelApi) => (request: Request, context: CallContext) => Promise<Response>) =>
    async (request: Request, context: CallContext): Promise<Response> => {
      await ask((api) => api.getStatus)({}, context);
      return await of(apis[answering] ?? only)(request, context);
    };
  return {
    createMonitor: change((api) => api.createMonitor),
    listMonitors: ask((api) => api.listMonitors),
    getMonitor: ask((api) => api.getMonitor),
    updateMonitor: change((api) => api.updateMonitor),
    deleteMonitor: change((api) => api.deleteMonitor),
    checkMonitor: change((api) => api.checkMonitor),
    listChecks: ask((api) => api.listChecks),
    getMonitorStats: ask((api) => api.getMonitorStats),
    listIncidents: ask((api) => api.listIncidents),
    getIncident: ask((api) => api.getIncident),
    acknowledgeIncident: change((api) => api.acknowledgeIncident),
    commentIncident: change((api) => api.commentIncident),
    resolveIncident: change((api) => api.resolveIncident),
    listChannels: ask((api) => api.listChannels),
    testChannel: change((api) => api.testChannel),
    listDeadLetters: ask((api) => api.listDeadLetters),
    getDeadLetter: ask((api) => api.getDeadLetter),
    replayDeadLetter: change((api) => api.replayDeadLetter),
    discardDeadLetter: change((api) => api.discardDeadLetter),
    getKpis: ask((api) => api.getKpis),
    takePing: change((api) => api.takePing),
    getHeartbeat: ask((api) => api.getHeartbeat),
    getPingAddress: change((api) => api.getPingAddress),
    listMaintenance: ask((api) => api.listMaintenance),
    createMaintenance: change((api) => api.createMaintenance),
    endMaintenance: change((api) => api.endMaintenance),
    deleteMaintenance: change((api) => api.deleteMaintenance),
    getStatus: ask((api) => api.getStatus),
    watch: async function* watch(request, context) {
      let refusal: unknown;
      for (const [index, api] of inTurn()) {
        let begun = false;
        try {
          for await (const response of api.watch(request, context)) {
            begun = true;
            answering = index;
            yield response;
          }
          return;
        } catch (thrown) {
          if (begun || !ELSEWHERE.has(SentinelError.from(thrown).code) || context.signal.aborted) throw thrown;
          refusal = thrown;
        }
      }
      throw refusal;
    },
    close: () => {
      for (const api of apis) api.close();
    },
  };
}
