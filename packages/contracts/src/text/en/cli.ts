import type { Catalogue } from "../catalogue.ts";

const REST = `
Every command that asks a running Sentinel also takes
  --url URL          where it is (default: SENTINEL_URL, else http://127.0.0.1:8300)
  --token TOKEN      the token it demands on other addresses than loopback (better: SENTINEL_TOKEN)
  -o, --output FORM  table (default) or json, which is exactly what the REST API answered
  --lang en|fr       the language (default: that of the terminal, from LC_ALL or LANG)
`;

export const cli = {
  "cli.help": `sentinel – watches what you run, logs every incident, repairs what it safely can, explains the rest

Usage: sentinel COMMAND [options]

  up                 start everything in one process (or --distributed)
  status             is production up? if not, why? since when? technical or business? who acts?
  monitors           what is watched: list, show, add, remove
  incidents          what went wrong: list, show, ack, resolve, comment
  notify test NAME   send a test message over a channel
  kpis               the figures of incidents: how many, how long, how soon detected and resolved
  maintenance        windows in which failing is expected: list, start, end, remove
  dead-letters       messages that could not be used: list, show, replay, discard
  log                the event log: verify, export, import
  projections        streams that a read model has parked: list, unpark
  check [FILE]       say what is wrong with a sentinel.yaml, with line and column
  import SOURCE FILE bring monitors over: gatus, blackbox, uptime-kuma, uptimerobot
  probe-exporter     answer Prometheus as blackbox_exporter does, from the same blackbox.yml
  build-dashboard    prerender the dashboard (\`up\` does it by itself)
  service NAME       one service of distributed mode as a process of its own

  -h, --help         this page, or with a command its own: sentinel monitors --help
  -V, --version      the version
  --lang en|fr       the language (default: that of the terminal)

Environment: SENTINEL_URL, SENTINEL_TOKEN, SENTINEL_NATS_URL, SENTINEL_DATABASE_URL, SENTINEL_LOG_LEVEL, LANG
Exit codes:  0 done, 1 failed, 2 wrong command line; \`status\` also 3 production is not up, 4 not known
`,
  "cli.help.up": `sentinel up – start everything

Usage: sentinel up [options]

  -c, --config FILE  the monitors and channels (default: ./sentinel.yaml; re-read when it changes, need not exist)
  --data DIR         where everything is kept (default: $XDG_DATA_HOME/sentinel, else ~/.local/share/sentinel)
  -p, --port N       the port of dashboard and REST API (default: 8300)
  --host ADDRESS     the address to listen on (default: 127.0.0.1; any other one demands a token, printed once)
  --grpc-port N      the port of the gRPC API (default: the port after --port)
  --demo             watch five loopback services that misbehave on purpose
  --distributed      one process per service, with
    --incidents N      this many incidents services, which share the work (default: 1)
    --probers N        this many probers, which share the monitors (default: 1)
    --nats URL         NATS with JetStream (or SENTINEL_NATS_URL)
    --database URL     PostgreSQL (better SENTINEL_DATABASE_URL: other users of a machine can read command lines)
  --lang en|fr       the language of what is said here

Examples:
  sentinel up --demo
  sentinel up --config ops/sentinel.yaml --data /var/lib/sentinel --port 9000
  sentinel up --distributed --nats nats://nats:4222     # with SENTINEL_DATABASE_URL set

Ctrl-C stops it; the data stays. SENTINEL_LOG_LEVEL=debug says more.
Exit codes: 0 stopped as asked, 1 could not start or go on (the reason is one sentence), 2 wrong command line
`,
  "cli.help.status": `sentinel status – is production up? if not, why? since when? technical or business? who acts?

Usage: sentinel status [options]
${REST}
Examples:
  sentinel status
  sentinel status -o json | jq -r .headline
  sentinel status || echo "look at the dashboard"

Exit codes: 0 up, 3 degraded or down, 4 not known (no monitor, no fresh check, or Sentinel out of reach), 2 wrong command line
`,
  "cli.help.check": `sentinel check – say what is wrong with a configuration

Usage: sentinel check [FILE] [-o json]

  FILE               the file (default: sentinel.yaml)
  -o, --output FORM  table (default): one line per mistake, as FILE:LINE:COLUMN: MESSAGE; or json
  --lang en|fr       the language

Examples:
  sentinel check
  sentinel check ops/sentinel.yaml -o json

Variables such as \${OPS_WEBHOOK} are looked up in the environment of this command.
Exit codes: 0 the file is right, 1 it is not or cannot be read, 2 wrong command line
`,
  "cli.help.monitors": `sentinel monitors – what is watched

Usage: sentinel monitors [list] [--group GROUP] [--tag TAG]
       sentinel monitors show NAME|ID
       sentinel monitors add URL [--name NAME]
       sentinel monitors add FILE.json
       sentinel monitors remove NAME|ID

  --name NAME        the name of the monitor that is added (default: host and port of the address)
  --group GROUP      only monitors of this group
  --tag TAG          only monitors with this tag
${REST}
Examples:
  sentinel monitors
  sentinel monitors --group Shop --tag team:data
  sentinel monitors add https://shop.example.com/health --name shop
  sentinel monitors show shop -o json
  sentinel monitors remove shop

Monitors of sentinel.yaml are changed there. Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.incidents": `sentinel incidents – what went wrong

Usage: sentinel incidents [list] [--open] [--limit N]
       sentinel incidents show ID
       sentinel incidents ack ID
       sentinel incidents resolve ID
       sentinel incidents comment ID TEXT

  --open             only those that are not resolved
  --limit N          how many, newest first (default: 20, at most 200)
${REST}
Examples:
  sentinel incidents --open
  sentinel incidents show 12
  sentinel incidents comment 12 "Rolled back to the release of yesterday"

Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.notify": `sentinel notify – try a notification channel

Usage: sentinel notify test NAME

  NAME               a channel of sentinel.yaml
${REST}
Example:
  sentinel notify test team

Exit codes: 0 delivered, 1 not delivered (the reason is said), 2 wrong command line
`,
  "cli.help.kpis": `sentinel kpis – the figures of incidents, in all and by monitor

Usage: sentinel kpis [options]

  --days N           of incidents that began in the last N days in UTC, 1 to 400 (default: 30)
${REST}
DETECT is the mean time from the first failing check to the incident, ACK from the incident to its acknowledgement,
RESOLVE from the first failing check to the resolution.

Example:
  sentinel kpis --days 90

Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.maintenance": `sentinel maintenance – windows of time in which what fails is expected: nothing opens, nobody is told

Usage: sentinel maintenance [list] [options]
       sentinel maintenance start NAME --for SPAN [options]
       sentinel maintenance end NAME
       sentinel maintenance remove NAME

  list               the windows, with the one under way or the next (the default)
  start              begins one now, or plans it
  end                ends what is under way; a window that is repeated comes again
  remove             forgets a window that was not made in sentinel.yaml
  --for SPAN         how long it lasts, such as 30m or 2h
  --monitors A,B     the monitors it covers; all of them where nothing is named
  --groups A,B       the groups it covers
  --tags A,B         the tags it covers
  --starts TIME      when it begins, such as 2026-03-01T02:00 (default: now)
  --zone ZONE        whose clock that is, such as Europe/Paris (default: UTC)
  --repeat RULE      daily, weekly, monthly, yearly, or a rule of RFC 5545
  --reason TEXT      why
${REST}
Examples:
  sentinel maintenance start patch --for 1h --monitors shop
  sentinel maintenance start night --for 2h --starts 2026-03-01T02:00 --zone Europe/Paris --repeat weekly --groups web
  sentinel maintenance end patch

Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.dead-letters": `sentinel dead-letters – messages that could not be used and were kept aside

Usage: sentinel dead-letters [list] [options]
       sentinel dead-letters show ID
       sentinel dead-letters replay ID
       sentinel dead-letters discard ID

  list               the newest first, with the reason (the default)
  show               one of them, with what it contains
  replay             sends it once more, after its cause was mended; it comes back if it fails again
  discard            forgets it for good
  --limit N          at most N of them, 1 to 200 (default: 20)
${REST}
Examples:
  sentinel dead-letters
  sentinel dead-letters replay 4

Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.log": `sentinel log – the event log: verify it, take it away, bring it back

Usage: sentinel log verify [options]
       sentinel log export [FILE] [options]
       sentinel log import FILE [options]

  verify             checks chain, gaps and heads of the whole log; names the first damaged position
  export             writes the whole log to FILE, or to the terminal: one JSON line per event
  import             fills an empty log with an export, verified line by line, all of it or nothing
  --data DIR         the data folder (default: $XDG_DATA_HOME/sentinel, else ~/.local/share/sentinel)
  --database URL     a PostgreSQL of distributed mode instead (better SENTINEL_DATABASE_URL)
  -o, --output FORM  table (default) or json
  --lang en|fr       the language

Examples:
  sentinel log verify
  sentinel log export backup.ndjson --data /var/lib/sentinel
  sentinel log import backup.ndjson --data /var/lib/sentinel-restored

verify and export also work while Sentinel runs; import needs it stopped.
Exit codes: 0 done and sound, 1 damaged or failed, 2 wrong command line
`,
  "cli.help.projections": `sentinel projections – what is made from the event log, and the streams it has parked

Usage: sentinel projections [list] [options]
       sentinel projections unpark STREAM [options]

  list               streams with an event that a read model could not use, the earliest first (the default)
  unpark             applies what STREAM has waiting and lets it go on; it stays parked when that fails again
  --data DIR         the data folder (default: $XDG_DATA_HOME/sentinel, else ~/.local/share/sentinel)
  --database URL     a PostgreSQL of distributed mode instead (better SENTINEL_DATABASE_URL)
  -o, --output FORM  table (default) or json
  --lang en|fr       the language

Examples:
  sentinel projections
  sentinel projections unpark incident-12

Both also work while Sentinel runs.
Exit codes: 0 done, 1 failed or still parked, 2 wrong command line
`,
  "cli.help.build-dashboard": `sentinel build-dashboard – prerender the dashboard

Usage: sentinel build-dashboard [--force] [--verbose]

  --force            build even when nothing changed since the last time
  --verbose          show everything that the build says

\`sentinel up\` does this by itself. Exit codes: 0 done, 1 failed, 2 wrong command line
`,
  "cli.help.service": `sentinel service – one service of distributed mode as a process of its own

Usage: sentinel service prober|incidents|gateway --nats URL --database URL [options of \`up\`]

Example:
  SENTINEL_NATS_URL=nats://nats:4222 SENTINEL_DATABASE_URL=postgres://… sentinel service prober

Exit codes: 0 stopped as asked, 1 could not start or go on, 2 wrong command line
`,
  "cli.up.title": "Sentinel {version}",
  "cli.up.database_ready": "The database is ready ({seconds} s).",
  "cli.up.running": "Sentinel is running: {url}   (gRPC {grpc}). Press Ctrl-C to stop.",
  "cli.up.where": "Configuration: {config}   Data: {data}",
  "cli.up.config_problem": "The configuration is not in force. {at}: {path}: {message}",
  "cli.up.token": "Access token, shown this once: {token}",
  "cli.up.stopping": "Stopping…",
  "cli.up.starting_service": "Starting {name}…",
  "cli.up.service_ended": "{name} ended; it is started again.",
  "cli.log_sound":
    "{events} events verified in {seconds} s ({rate} events/s). Chain, positions and heads of every partition are sound.",
  "cli.log_damaged":
    "The log is damaged. First bad place: partition {part}, position {gpos}, stream {stream}. {problem} ({events} events verified before it.)",
  "cli.log_problem.gap": "The event of this position is missing.",
  "cli.log_problem.hash":
    "The event is not the one that was written: its hash does not follow from it and the one before.",
  "cli.log_problem.head":
    "The head of the partition does not agree with its last event: events at the end are missing or were added.",
  "cli.log_problem.unreadable": "The database cannot give what it holds there.",
  "cli.log_exported": "{events} events exported to {file}.",
  "cli.log_imported": "{events} events imported and verified.",
  "cli.check_ok": ({ file = "", monitors = "0", channels = "0" }) =>
    `${file} is right: ${monitors} ${monitors === "1" ? "monitor" : "monitors"}, ${channels} ${channels === "1" ? "channel" : "channels"}.`,
  "cli.no_monitors_found": "No monitor is in this group and has this tag. All of them: sentinel monitors",
  "cli.no_monitors": "Nothing is watched yet. Add something: sentinel monitors add https://example.com",
  "cli.no_incidents": "No incident so far.",
  "cli.not_folded":
    "Nothing has been recorded since {time}: the database or the message bus may be away, or its disk full. Results wait and are recorded later.",
  "cli.no_kpis": "No incident began in the last {days} days.",
  "cli.kpis_total": "in all",
  "cli.kpis_parked":
    "Left out in part: {streams} incidents with an event that cannot be used. The log of Sentinel names them.",
  "cli.no_parked_streams": "No parked streams: every event could be used.",
  "cli.stream_unparked": "Stream {stream} goes on: what it had waiting was applied.",
  "cli.stream_still_parked": "Stream {stream} stays parked: {reason}",
  "cli.no_maintenance": "No maintenance window. Begin one with: sentinel maintenance start NAME --for 1h",
  "cli.maintenance_started": "Maintenance “{name}” has begun and lasts until {until}. Monitors covered: {covers}.",
  "cli.maintenance_planned": "Maintenance “{name}” begins at {from}. Monitors covered: {covers}.",
  "cli.maintenance_ended": "Maintenance “{name}” has ended. What still fails is asked now.",
  "cli.maintenance_removed": "The maintenance window “{name}” was removed.",
  "cli.maintenance.active": "under way",
  "cli.maintenance.planned": "planned",
  "cli.maintenance.over": "over",
  "cli.column.starts": "STARTS",
  "cli.column.ends": "ENDS",
  "cli.column.repeat": "REPEATED",
  "cli.column.covers": "MONITORS",
  "cli.column.group": "GROUP",
  "cli.column.depends_on": "DEPENDS ON",
  "cli.column.suppressed_by": "SUPPRESSED BY",
  "cli.column.budget": "ERROR BUDGET LEFT",
  "cli.no_dead_letters": "No dead letter: every message could be used.",
  "cli.dead_letter_replayed": "Dead letter #{id} was sent once more.",
  "cli.dead_letter_discarded": "Dead letter #{id} was discarded.",
  "cli.no_open_incidents": "No open incident.",
  "cli.monitor_added": "{name} is watched from now on (id {id}).",
  "cli.monitor_removed": "{name} is no longer watched.",
  "cli.incident_acknowledged": "Incident #{id} is acknowledged.",
  "cli.incident_resolved": "Incident #{id} is resolved.",
  "cli.commented": "The comment stands in the timeline of incident #{id}.",
  "cli.notify_delivered": "{name} took the test message in {took}.",
  "cli.notify_failed": "{name} did not take the test message: {reason}",
  "cli.building": "Building the dashboard… {seconds} s",
  "cli.built": "The dashboard is in {folder}.",
  "cli.column.now": "NOW",
  "cli.not_known_now": "not known: last seen {at}",
  "cli.timeline": "Timeline",
  "cli.column.incidents": "INCIDENTS",
  "cli.column.auto_fixes": "AUTO-FIXED",
  "cli.column.downtime": "DOWNTIME",
  "cli.column.mttd": "DETECT",
  "cli.column.mtta": "ACK",
  "cli.column.mttr": "RESOLVE",
  "cli.column.id": "ID",
  "cli.column.name": "NAME",
  "cli.column.status": "STATUS",
  "cli.column.severity": "SEVERITY",
  "cli.column.monitor": "MONITOR",
  "cli.column.since": "SINCE",
  "cli.column.lasted": "LASTED",
  "cli.column.issue": "ISSUE",
  "cli.column.cause": "CAUSE",
  "cli.column.todo": "TO DO",
  "cli.column.acting": "ACTING",
  "cli.column.nature": "NATURE",
  "cli.column.resolved": "RESOLVED",
  "cli.column.uptime": "UPTIME 24H",
  "cli.column.uptime_30d": "UPTIME 30D",
  "cli.column.uptime_1y": "UPTIME 1Y",
  "cli.column.percentiles_30d": "P50 · P95 · P99 30D",
  "cli.column.response": "RESPONSE",
  "cli.column.every": "EVERY",
  "cli.column.endpoint": "ENDPOINT",
  "cli.column.checked": "CHECKED",
  "cli.column.reason": "REASON",
  "cli.column.repair": "REPAIR",
  "cli.column.incident": "INCIDENT",
  "cli.column.owner": "OWNER",
  "cli.column.tags": "TAGS",
  "cli.column.subject": "SUBJECT",
  "cli.column.bytes": "BYTES",
  "cli.column.content": "CONTENT",
  "cli.column.projection": "READ MODEL",
  "cli.column.stream": "STREAM",
  "cli.column.version": "VERSION",
  "cli.column.skipped": "SKIPPED",
  "cli.column.source": "SOURCE",
  "cli.monitor_status.unknown": "unknown",
  "cli.monitor_status.healthy": "healthy",
  "cli.monitor_status.degraded": "degraded",
  "cli.monitor_status.down": "down",
  "cli.monitor_status.sleeping": "sleeping",
  "cli.monitor_status.paused": "paused",
  "cli.monitor_status.maintenance": "maintenance",
  "cli.incident_status.open": "open",
  "cli.incident_status.acknowledged": "acknowledged",
  "cli.incident_status.resolved": "resolved",
  "cli.severity.low": "low",
  "cli.severity.medium": "medium",
  "cli.severity.high": "high",
  "cli.severity.critical": "critical",
  "cli.nature.technical": "technical",
  "cli.nature.business": "business",
  "cli.nature.slo": "objective",
  "cli.acting.sentinel": "Sentinel",
  "cli.acting.owner": "the owner",
  "cli.acting.nobody": "nobody",
} as const satisfies Catalogue;
