import type { Catalogue } from "../catalogue.ts";
import { cli } from "./cli.ts";
import { diagnosis } from "./diagnosis.ts";
import { events } from "./events.ts";
import { evidence } from "./evidence.ts";
import { exporter } from "./exporter.ts";
import { gateway } from "./gateway.ts";
import { imports } from "./imports.ts";
import { notify } from "./notify.ts";
import { problems } from "./problems.ts";
import { reasons } from "./reasons.ts";
import { status } from "./status.ts";

export const catalogue: Catalogue = {
  ...reasons,
  ...diagnosis,
  ...events,
  ...evidence,
  ...exporter,
  ...imports,
  ...notify,
  ...status,
  ...problems,
  ...gateway,
  ...cli,
  ...exporter,
};
