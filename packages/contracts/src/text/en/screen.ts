import type { Catalogue } from "../catalogue.ts";
import { diagnosis } from "./diagnosis.ts";
import { evidence } from "./evidence.ts";
import { reasons } from "./reasons.ts";
import { status } from "./status.ts";

/** The sentences that a page of the dashboard makes by itself; all others come with the answers of the gateway. */
export const screenCatalogue: Catalogue = { ...reasons, ...diagnosis, ...status, ...evidence };
