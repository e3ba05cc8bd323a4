import type { Finding } from "./auditor.ts";
import type { Evidence } from "./evidence.ts";
import type { Delivery, Ledgers } from "./ledger.ts";
import { readings } from "./shifts.ts";

/** A request may be read by its target this long after the process that sent it is gone. */
const ON_ITS_WAY_MS = 300;
/** The last knock of a repair may begin right before its patience is over, and its clock is not ours to the millisecond. */
const AFTER_DEADLINE_MS = 1500;

/** Knocks and messages: each has its claim, each claim was seen through, and none was made twice without saying so. */
export function auditEffects(evidence: Evidence, ledgers: Ledgers): readonly Finding[] {
  return [
    ...outboxLeft(evidence),
    ...claimsAndStarts(evidence),
    ...knocks(evidence, ledgers),
    ...messages(evidence, ledgers),
    ...repeats(ledgers),
    ...order(evidence, ledgers),
  ];
}

function outboxLeft({ outbox }: Evidence): Finding[] {
  const left = outbox.filter(({ done }) => !done);
  return left.map(({ kind, key, attempts }) => ({
    rule: "outbox-not-empty",
    detail: `${kind} ${key}, ${attempts} tries`,
  }));
}

function claimsAndStarts({ claims, events }: Evidence): Finding[] {
  const found: Finding[] = [];
  const claimed = new Set(claims.map(({ incident, attempt }) => `${incident}.${attempt}`));
  const started = new Map<string, number>();
  for (const { incident, event } of events) {
    if (event.event?.$case !== "repairStarted") continue;
    const key = `${incident}.${event.event.value.attempt}`;
    started.set(key, (started.get(key) ?? 0) + 1);
  }
  for (const [key, times] of started) {
    if (times > 1) found.push({ rule: "repair-twice", detail: `repair ${key} was started ${times} times` });
    if (!claimed.has(key)) found.push({ rule: "repair-without-claim", detail: `repair ${key}` });
  }
  for (const { incident, attempt, finishedAtMs } of claims) {
    const key = `${incident}.${attempt}`;
    if (!started.has(key)) found.push({ rule: "claim-without-start", detail: `repair ${key}` });
    if (finishedAtMs === null) found.push({ rule: "claim-not-finished", detail: `repair ${key}` });
  }
  return found;
}

/** Each knock belongs to a claim, and its executor lived when it knocked: another one must never knock again. */
function knocks({ claims, monitors }: Evidence, { targets, kills, shifts, executors }: Ledgers): Finding[] {
  const found: Finding[] = [];
  // A claim made by a clock that was wrong just then counts at the moment at which it was made.
  const made = claims.flatMap((claim) =>
    readings(claim.claimedAtMs, "incidents", shifts).map((atMs) => ({ ...claim, atMs })),
  );
  for (const { name, answered } of targets) {
    const id = monitors.find((monitor) => monitor.name === name)?.id;
    for (const { atMs, knock } of answered) {
      if (!knock) continue;
      const claim = made
        .filter((each) => each.monitorId === id && each.atMs <= atMs + 5)
        .toSorted((a, b) => a.atMs - b.atMs)
        .at(-1);
      const at = new Date(atMs).toISOString();
      const patienceMs = claim === undefined ? 0 : claim.deadlineMs - claim.claimedAtMs;
      if (claim === undefined || atMs > claim.atMs + patienceMs + AFTER_DEADLINE_MS) {
        found.push({ rule: "knock-without-claim", detail: `${name} at ${at}` });
        continue;
      }
      const lost = kills.filter((kill) => kill.executor && kill.atMs > claim.atMs && kill.atMs + ON_ITS_WAY_MS < atMs);
      // Which of several executors had the claim is not known from outside: one that was not killed may have it.
      if (lost.length > 0 && new Set(lost.map(({ what }) => what)).size >= executors) {
        found.push({ rule: "repair-twice", detail: `${name} at ${at}: its executor was killed before` });
      }
    }
  }
  return found;
}

function messages({ outbox, events }: Evidence, { deliveries }: Ledgers): Finding[] {
  const found: Finding[] = [];
  const told = new Map<string, number>();
  const gaveUp = new Set<string>();
  for (const { event } of events) {
    if (event.event?.$case === "notificationDelivered") {
      const id = event.event.value.notificationId;
      told.set(id, (told.get(id) ?? 0) + 1);
    }
    if (event.event?.$case === "notificationFailed") gaveUp.add(event.event.value.notificationId);
  }
  const received = new Set(deliveries.map(({ id }) => id));
  const rows = new Map(outbox.filter(({ kind }) => kind === "notification").map((row) => [row.key, row]));
  for (const [id, times] of told) {
    if (times > 1) found.push({ rule: "delivery-recorded-twice", detail: id });
    if (!received.has(id)) found.push({ rule: "message-not-received", detail: id });
  }
  for (const id of received) {
    if ((rows.get(id)?.attempts ?? 0) === 0) found.push({ rule: "message-without-claim", detail: id });
  }
  for (const [id, { done }] of rows) {
    if (done && !told.has(id) && !gaveUp.has(id)) found.push({ rule: "message-lost", detail: id });
  }
  return found;
}

/** A message comes twice only when a process was ended between, and then it says that it may. */
function repeats({ deliveries, kills }: Ledgers): Finding[] {
  const found: Finding[] = [];
  const last = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const before = last.get(delivery.id);
    last.set(delivery.id, delivery);
    if (before === undefined) continue;
    const excused = kills.some((kill) => kill.atMs >= before.atMs - ON_ITS_WAY_MS && kill.atMs <= delivery.atMs);
    if (!excused || !delivery.possibleDuplicate) {
      const why = excused ? "does not say so" : "though nothing was killed between";
      found.push({ rule: "message-doubled", detail: `${delivery.id} to ${delivery.channel} came again, ${why}` });
    }
  }
  return found;
}

/** Messages of a channel about an incident arrive in the order in which they were decided. */
function order({ outbox }: Evidence, { deliveries }: Ledgers): Finding[] {
  const found: Finding[] = [];
  const firstAt = new Map<string, number>();
  for (const [index, { id }] of deliveries.entries()) if (!firstAt.has(id)) firstAt.set(id, index);
  const rows = outbox.filter(({ kind, key }) => kind === "notification" && firstAt.has(key));
  for (const [subject, queue] of Map.groupBy(rows, (row) => row.subject)) {
    const places = queue.map(({ key }) => firstAt.get(key) ?? 0);
    if (places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0))) {
      found.push({ rule: "messages-out-of-order", detail: subject });
    }
  }
  return found;
}
