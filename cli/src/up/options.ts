import type { Locale } from "@sentinel/contracts/text";

/** What `sentinel up` was asked for, complete and checked. */
export interface UpOptions {
  /** Absolute path of sentinel.yaml; it need not exist. */
  readonly configFile: string;
  /** Absolute path of the data folder; it need not exist. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly demo: boolean;
  /** Address of the NATS servers; only distributed mode uses it. */
  readonly natsUrl: string | undefined;
  /** Address of PostgreSQL; only distributed mode uses it. It holds a password: never print it. */
  readonly databaseUrl: string | undefined;
  /** How many incidents services share the work; more than one only in distributed mode. */
  readonly incidents: number;
  /** How many probers share the monitors; more than one only in distributed mode. */
  readonly probers: number;
  /** The language of what the process says on its terminal. */
  readonly locale: Locale;
}

/** The services that can run as processes of their own. */
export const SERVICE_NAMES = ["prober", "incidents", "gateway"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
