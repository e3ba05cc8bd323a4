import type { ChooseNotification } from "./types.ts";

/** What people are told: that it broke, that the repair did not help, that it is over; a flapping monitor is told once. */
export const chooseNotification: ChooseNotification = (before, happened) => {
  switch (happened.event.event?.$case) {
    case "opened":
      return happened.event.event.value.over ? undefined : "opened";
    case "reopened":
      return before.flapping || happened.event.event.value.times >= 3 ? undefined : "reopened";
    case "flappingStarted":
      // Where it opens or comes back as flapping, that it does is told already.
      return before.detectedAtMs === happened.atMs && before.reopened < 3 ? undefined : "flapping";
    case "repairFailed":
      return before.flapping || happened.event.event.value.reason === "incident_closed" ? undefined : "repair_failed";
    case "resolved":
      return before.over === true ? undefined : "resolved";
    default:
      return undefined;
  }
};
