import type * as api from "./generated/sentinel/incidents/v1/service.ts";

/** What comes with a call besides its message. */
export interface CallContext {
  /** Ends when the caller went away or its deadline passed. */
  readonly signal: AbortSignal;
  /** W3C trace context of the caller; empty when there is none. */
  readonly traceparent: string;
}

type Unary<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/**
 * The operations of `sentinel.incidents.v1.SentinelService` as plain functions. The incidents service implements them;
 * over gRPC a client has the same shape, so the gateway is wired to either without knowing. Failures are SentinelError.
 */
export interface SentinelApi {
  readonly createMonitor: Unary<api.CreateMonitorRequest, api.CreateMonitorResponse>;
  readonly listMonitors: Unary<api.ListMonitorsRequest, api.ListMonitorsResponse>;
  readonly getMonitor: Unary<api.GetMonitorRequest, api.GetMonitorResponse>;
  readonly updateMonitor: Unary<api.UpdateMonitorRequest, api.UpdateMonitorResponse>;
  readonly deleteMonitor: Unary<api.DeleteMonitorRequest, api.DeleteMonitorResponse>;
  readonly checkMonitor: Unary<api.CheckMonitorRequest, api.CheckMonitorResponse>;
  readonly listChecks: Unary<api.ListChecksRequest, api.ListChecksResponse>;
  readonly getMonitorStats: Unary<api.GetMonitorStatsRequest, api.GetMonitorStatsResponse>;
  readonly listIncidents: Unary<api.ListIncidentsRequest, api.ListIncidentsResponse>;
  readonly getIncident: Unary<api.GetIncidentRequest, api.GetIncidentResponse>;
  readonly acknowledgeIncident: Unary<api.AcknowledgeIncidentRequest, api.AcknowledgeIncidentResponse>;
  readonly commentIncident: Unary<api.CommentIncidentRequest, api.CommentIncidentResponse>;
  readonly resolveIncident: Unary<api.ResolveIncidentRequest, api.ResolveIncidentResponse>;
  readonly listChannels: Unary<api.ListChannelsRequest, api.ListChannelsResponse>;
  readonly testChannel: Unary<api.TestChannelRequest, api.TestChannelResponse>;
  readonly listDeadLetters: Unary<api.ListDeadLettersRequest, api.ListDeadLettersResponse>;
  readonly getDeadLetter: Unary<api.GetDeadLetterRequest, api.GetDeadLetterResponse>;
  readonly replayDeadLetter: Unary<api.ReplayDeadLetterRequest, api.ReplayDeadLetterResponse>;
  readonly getKpis: Unary<api.GetKpisRequest, api.GetKpisResponse>;
  readonly discardDeadLetter: Unary<api.DiscardDeadLetterRequest, api.DiscardDeadLetterResponse>;
  readonly takePing: Unary<api.TakePingRequest, api.TakePingResponse>;
  readonly getHeartbeat: Unary<api.GetHeartbeatRequest, api.GetHeartbeatResponse>;
  readonly getPingAddress: Unary<api.GetPingAddressRequest, api.GetPingAddressResponse>;
  readonly listMaintenance: Unary<api.ListMaintenanceRequest, api.ListMaintenanceResponse>;
  readonly createMaintenance: Unary<api.CreateMaintenanceRequest, api.CreateMaintenanceResponse>;
  readonly endMaintenance: Unary<api.EndMaintenanceRequest, api.EndMaintenanceResponse>;
  readonly deleteMaintenance: Unary<api.DeleteMaintenanceRequest, api.DeleteMaintenanceResponse>;
  readonly getStatus: Unary<api.GetStatusRequest, api.GetStatusResponse>;
  readonly watch: (request: api.WatchRequest, context: CallContext) => AsyncIterable<api.WatchResponse>;
}
