import type { Command } from "../command.ts";

/** Every command by name, each loaded only when it is called, so that `status` does not wait for `up`. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./up.ts")).up,
  status: async () => (await import("./status.ts")).status,
  check: async () => (await import("./check.ts")).check,
  monitors: async () => (await import("./monitors.ts")).monitors,
  incidents: async () => (await import("./incidents.ts")).incidents,
  notify: async () => (await import("./notify.ts")).notify,
  kpis: async () => (await import("./kpis.ts")).kpis,
  maintenance: async () => (await import("./maintenance.ts")).maintenance,
  "dead-letters": async () => (await import("./dead-letters.ts")).deadLetters,
  projections: async () => (await import("./projections.ts")).projections,
  log: async () => (await import("./log.ts")).log,
  import: async () => (await import("./import.ts")).importCommand,
  "probe-exporter": async () => (await import("./probe-exporter.ts")).probeExporter,
  "build-dashboard": async () => (await import("./build-dashboard.ts")).buildDashboardCommand,
  service: async () => (await import("./service.ts")).service,
};
