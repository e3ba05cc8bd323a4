import type { EndpointResult } from "@sentinel/contracts";
import type { ProbeRequest } from "../../services/prober/src/probes/probe.ts";
import { type Gate, openGate } from "./gate.ts";

/** One way in which a monitor of a kind is broken. */
export interface Change {
  /** In words, for whoever reads the table. */
  readonly how: string;
  readonly make?: () => unknown;
  readonly undo?: () => unknown;
  /** What the monitor demands instead, such as another value. */
  readonly asks?: object;
  readonly timeoutMs?: number;
}

/** A monitor of one kind, the real server it watches, and the ways in which it is broken. */
export interface World {
  readonly kind: string;
  readonly endpoint: { readonly url: string; readonly [option: string]: unknown };
  readonly changes: readonly Change[];
  /** Another way to check than by the prober's own table, for kinds that ask servers of the world. */
  readonly see?: (request: ProbeRequest) => Promise<EndpointResult>;
  readonly stop: () => unknown;
}

/** A world, or the name of the program that it lacks here. */
export type Opening = () => Promise<World | { readonly lacks: string }>;

const SOON_MS = 600;

/** A port before a server, with what can become of every server. */
export async function gated(port: number): Promise<{ readonly gate: Gate; readonly common: readonly Change[] }> {
  const gate = await openGate(port);
  const pass = (): void => gate.mode("pass");
  return {
    gate,
    common: [
      { how: "the server is stopped", make: gate.shut, undo: gate.reopen },
      { how: "it accepts and says nothing", make: () => gate.mode("silent"), undo: pass, timeoutMs: SOON_MS },
      { how: "another service is on its port", make: () => gate.mode("other"), undo: pass, timeoutMs: 2000 },
    ],
  };
}
