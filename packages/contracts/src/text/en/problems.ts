import type { Catalogue, TextParams } from "../catalogue.ts";
import { fill } from "../sentence.ts";

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "keys with values",
  record: "keys with values",
  map: "keys with values",
};

/** `expected` lists the types as the schema names them. */
const typesIn = ({ expected = "" }: TextParams): string =>
  expected
    .split(",")
    .map((each) => TYPES[each] ?? each)
    .join(" or ");

export const problems = {
  "problem.unknown_key": "The key “{key}” is not known here. Remove it.",
  "problem.unknown_key_near": "The key “{key}” is not known here. Did you mean “{near}”?",
  "problem.missing": "“{key}” is missing. Add it.",
  "problem.wrong_type": (params) => `Expected here: ${typesIn(params)}.`,
  "problem.wrong_type_near": (params) =>
    fill(`Expected here: ${typesIn(params)}. Did you mean {near}, without quotes?`, params),
  "problem.not_one_of": "Only these values are allowed here: {allowed}.",
  "problem.not_one_of_near": "Only these values are allowed here: {allowed}. Did you mean “{near}”?",
  "problem.too_small": "This is too small or too short: at least {minimum}.",
  "problem.too_big": "This is too large or too long: at most {maximum}.",
  "problem.invalid": "This value is not valid: {detail}.",
  "problem.bad_duration": "“{value}” is not a span of time. Write a number and a unit, such as 500ms, 2s, 5m or 1h.",
  "problem.duration_out_of_range": "“{value}” is outside the range from {minimum} to {maximum}.",
  "problem.bad_email": "“{value}” is not a mail address. Write it as ops@example.org.",
  "problem.bad_format": "“{value}” has characters that are not allowed here.",
  "problem.bad_url": "“{value}” is not an address. Write it whole, such as https://example.com/health.",
  "problem.scheme_not_allowed": "“{scheme}” addresses cannot be checked. Begin with one of: {allowed}.",
  "problem.credentials_in_url": "The address of {host} holds a user name or password. Take them out of the address.",
  "problem.metadata_host": "{host} is a cloud metadata service. It is never asked, whatever is allowed.",
  "problem.bad_channel_url":
    "The value of {name} is not an http or https address. Write it whole, such as https://hooks.example.com/abc.",
  "problem.missing_env": "The environment variable {name} is not set. Set it where Sentinel is started.",
  "problem.env_not_allowed":
    "A variable such as ${NAME} is allowed in secret fields only (url, secret and password of notifications), alone and whole; not in “{key}”.",
  "problem.duplicate_name": "This name stands here twice. Names are unique: rename or remove one.",
  "problem.name_is_the_key": "The name of a monitor is its key, “{key}”. Remove “name”.",
  "problem.unknown_monitor": "No monitor is called “{name}”. Add it under “monitors” or remove it here.",
  "problem.unknown_monitor_near": "No monitor is called “{name}”. Did you mean “{near}”?",
  "problem.dependency_ring": "These monitors depend on each other in a ring: {ring}. Remove one of the dependencies.",
  "problem.bad_wall_time":
    "“{value}” is not a time. Write it by the clock on the wall, without a zone, such as 2026-03-01T02:00.",
  "problem.unknown_zone": "“{value}” is not a time zone. Write an IANA name, such as Europe/Paris or UTC.",
  "problem.bad_recurrence":
    "“{part}” cannot be used here. Write daily, weekly, monthly, yearly, or a rule of RFC 5545 with FREQ from DAILY to YEARLY, such as FREQ=MONTHLY;BYDAY=1SU.",
  "problem.maintenance_covers_nothing":
    'This covers nothing. Name monitors, groups or tags; monitors: ["*"] covers all.',
  "problem.unknown_channel":
    "No notification channel is called “{name}”. Add it under “notifications” or remove it here.",
  "problem.address_incomplete": "“{value}” lacks a part that this kind of check needs. Write it like {example}.",
  "problem.option_of_other_kind":
    "“{key}” does not belong to a check of a {scheme} address. Remove it, or change the address.",
  "problem.subject_of_other_kind": "A check of a {scheme} address has no “{subject}” to look at. It has: {allowed}.",
  "problem.one_comparison": "An assertion makes exactly one comparison, one of: {allowed}.",
  "problem.one_act": "A step does exactly one thing, one of: {allowed}.",
  "problem.key_of_other_act": "“{key}” says nothing to a step that does “{act}”: remove it.",
  "problem.days_order": "“warnDays” ({warnDays}) comes before “failDays” ({failDays}), so it must not be smaller.",
  "problem.heartbeat_not_alone":
    "A monitor that waits to be called has one endpoint. Make a monitor of its own for it.",
  "problem.bad_cron":
    "“{value}” cannot be read as a cron expression. Write five fields, such as 30 2 * * * for every day at 02:30.",
  "problem.cron_never": "“{value}” is never due: no date fits it.",
  "problem.bad_time_zone": "“{value}” is no time zone. Write one like Europe/Paris or UTC.",
  "problem.time_zone_alone": "A time zone says nothing without “cron”: remove it, or say “cron” instead of “every”.",
  "problem.one_of_two": "Say either “{one}” or “{other}”, not both.",
  "problem.subject_needs_of": "Say which “{subject}” is meant, under “of”.",
  "problem.subject_has_no_of": "There is only one “{subject}”: remove “of”.",
  "problem.bad_limit":
    "“{value}” is not a limit for “{subject}”. Write a number, or a span of time such as 800ms for latency and phases.",
  "problem.bad_pattern":
    "“{value}” cannot be read as a regular expression from character {at} on, at “{near}”. The syntax is RE2’s, which has no look-around and no back-references.",
  "problem.pattern_too_large":
    "The regular expression “{value}” becomes {size} instructions, of which {maximum} are allowed. Use smaller counts in braces.",
  "problem.bad_json_path":
    "“{value}” cannot be read as a JSONPath (RFC 9535) at character {at}. Write it like $.status or $.items[0].name.",
  "problem.unknown_variable": "No step before this one captures “{name}”. Capture it first, or correct the name.",
  "problem.variable_in_host": "“{name}” stands in the host. Variables are allowed after it, in the path and the query.",
  "problem.secret_name":
    "A monitor can name only variables whose name begins with SENTINEL_SECRET_; “{name}” does not.",
  "problem.secret_literal":
    "A monitor is kept in the event log and must not hold a secret. Put it into an environment variable of the prober, such as SENTINEL_SECRET_SHOP, and write ${SENTINEL_SECRET_SHOP} here.",
  "problem.one_of_these": "Exactly one of these must be given: {allowed}.",
  "problem.yaml_syntax": "This is not YAML: {detail}.",
  "problem.file_missing":
    "The file {file} is not there any more. What it said last runs on; put it back, or remove its monitors in an empty file.",
  "problem.file_unreadable": "The file {file} cannot be read ({reason}). Check its permissions.",
} as const satisfies Catalogue;
