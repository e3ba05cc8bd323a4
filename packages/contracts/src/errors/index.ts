import { busErrors } from "./bus.ts";
import { cliErrors } from "./cli.ts";
import { commonErrors } from "./common.ts";
import { configErrors } from "./config.ts";
import { egressErrors } from "./egress.ts";
import type { ErrorTable } from "./error.ts";
import { gatewayErrors } from "./gateway.ts";
import { incidentsErrors } from "./incidents.ts";
import { maintenanceErrors } from "./maintenance.ts";
import { monitorsErrors } from "./monitors.ts";
import { storeErrors } from "./store.ts";

export * from "./error.ts";

/** Every error the product can give, by code; `docs/errors.md` is made from it. */
export const ERRORS: ErrorTable = {
  ...commonErrors,
  ...configErrors,
  ...egressErrors,
  ...storeErrors,
  ...busErrors,
  ...maintenanceErrors,
  ...monitorsErrors,
  ...incidentsErrors,
  ...gatewayErrors,
  ...cliErrors,
};
