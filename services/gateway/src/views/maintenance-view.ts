import { type MaintenanceView as Message, MaintenanceWindow } from "@sentinel/contracts";
import type { MaintenanceView } from "@sentinel/contracts/api";
import { maintenanceSpecView } from "@sentinel/contracts/config";
import { instantOrNull, textOrNull } from "./absent.ts";
import { sourceName } from "./names.ts";

export function maintenanceView(message: Message): MaintenanceView {
  const window = message.window ?? MaintenanceWindow.fromPartial({});
  return {
    id: window.id,
    ...maintenanceSpecView(window),
    source: sourceName[window.source],
    createdBy: textOrNull(window.createdBy),
    active: message.active,
    startsAt: instantOrNull(message.startsAtMs),
    endsAt: instantOrNull(message.endsAtMs),
    covers: message.covers,
  };
}
