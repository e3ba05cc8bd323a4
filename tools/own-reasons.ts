interface About {
  readonly causes: string;
  readonly step: string;
}

const BUSY: About = {
  causes:
    "More checks than this machine can make, another program that takes its time, or a machine that was suspended.",
  step: "Give Sentinel’s machine more room, or check less often.",
};
const NOT_REPAIRED: About = {
  causes: "Waking it up does not mend this fault.",
  step: "Repair it by hand; the incident stays open and names what to try.",
};

/** Reasons that no rule of the diagnosis speaks about: they are about Sentinel itself, a repair or a message. */
export const OWN_REASONS: Readonly<Record<string, About>> = {
  unknown: {
    causes: "A fault of Sentinel’s own that has no name yet.",
    step: "Read the log of the prober at that time.",
  },
  address_metadata: {
    causes: "The name was pointed at a metadata service, by mistake or to steal from it.",
    step: "Watch another address; this one stays forbidden.",
  },
  bad_url: {
    causes: "The address was mistyped, or a redirect leads to one that was.",
    step: "Write the address whole, such as https://example.com/health.",
  },
  scheme_not_allowed: {
    causes: "A redirect leads to an address of another kind.",
    step: "Begin the address with http:// or https://.",
  },
  credentials_in_url: {
    causes: "A redirect leads to an address with a password in it.",
    step: "Take them out of the address; send them in `headers` where the service needs them.",
  },
  assertion_too_costly: {
    causes: "A JSONPath that looks at everything below everything, or a large answer.",
    step: "Ask for less: a shorter path, a smaller answer.",
  },
  secret_missing: {
    causes: "The variable is not set where the prober runs, or is spelt differently.",
    step: "Set the variable and start Sentinel again.",
  },
  rows_cut: {
    causes: "The query gives more rows than the check reads, so what it asks of all of them cannot be told.",
    step: "Let the query count or limit its rows, or raise `maxRows`.",
  },
  resolver_unusable: {
    causes: "`/etc/resolv.conf` is empty, or names an address that may not be contacted.",
    step: "Name a resolver in the address of the check, or in `/etc/resolv.conf`.",
  },
  ping_missing: { causes: "Debian’s `ping` is not installed.", step: "Install the package `iputils-ping`." },
  ping_not_allowed: {
    causes: "The kernel lets this user open no socket for pings.",
    step: "Widen `net.ipv4.ping_group_range`, or give `ping` its capability.",
  },
  ping_failed: {
    causes: "`ping` ended with an error of its own.",
    step: "Run the same `ping` by hand and read what it says.",
  },
  browser_missing: {
    causes: "No Chromium is installed, or it is at another place.",
    step: "Install the package `chromium`, or name a browser in `SENTINEL_BROWSER`.",
  },
  browser_failed: {
    causes: "The browser lacks memory, a library or its sandbox.",
    step: "Start the same browser by hand with `--headless` and read what it says.",
  },
  browser_busy: {
    causes: "More journeys at a time than this machine runs browsers.",
    step: "Check the journeys less often, or on more probers.",
  },
  domain_no_expiry: { causes: "Some registries keep it to themselves.", step: "Watch the domain by hand." },
  rdap_unsupported: { causes: "The registry of this ending has no RDAP server.", step: "Watch the domain by hand." },
  rdap_limited: { causes: "Too many questions came from this address.", step: "Nothing; it is asked again later." },
  rdap_failed: {
    causes: "The registry’s server is away or answers something else, or a firewall keeps the prober from it.",
    step: "Ask the server by hand, such as with curl.",
  },
  heartbeat_awaited: {
    causes: "The monitor is new, and the job has not run since.",
    step: "Call the address that the monitor shows at the end of the job.",
  },
  heartbeat_unheard: {
    causes: "Sentinel was stopped, asleep, or its clock was set.",
    step: "Nothing; the next call tells. Let the job repeat a call that is not answered.",
  },
  heartbeat_unasked: {
    causes: "The incidents service or its database is away.",
    step: "Look whether the incidents service and its database answer.",
  },
  prober_overloaded: BUSY,
  check_broke: {
    causes: "A fault in the program of the check, not in what it checks.",
    step: "Report it with the error and the line that the evidence names; the monitor counts as not watched until then.",
  },
  prober_ports: {
    causes: "So many connections were opened within minutes that all local ports are in use.",
    step: "Look with `ss -s` who holds them; widen `net.ipv4.ip_local_port_range`.",
  },
  prober_descriptors: {
    causes: "The limit of open files is low, or something leaks them.",
    step: "Raise the limit (`ulimit -n`, `LimitNOFILE`), and look at what is open.",
  },
  prober_memory: {
    causes: "The machine, or its network buffers, ran out of memory.",
    step: "Give the machine more memory, or check less often.",
  },
  prober_forbidden: {
    causes: "A firewall or a security module of the machine refuses what Sentinel sends.",
    step: "Read the rules for outgoing connections of the machine Sentinel runs on.",
  },
  prober_no_route: {
    causes: "The network of the machine is down, or it has no IPv6 while the target has nothing else.",
    step: "Look at the network cards and the default route of the machine Sentinel runs on.",
  },
  prober_resolver: {
    causes: "The name servers of `/etc/resolv.conf` are down or out of reach.",
    step: "Ask them by hand, such as with `dig`; name others where they are gone.",
  },
  prober_resolver_lies: {
    causes: "A captive portal, a filter, or a name server that lost its upstream.",
    step: "Compare its answers with those of another name server.",
  },
  prober_blocked: {
    causes: "The process or the machine was suspended, or lacks CPU.",
    step: "Give Sentinel’s machine more room; look for what stopped the process.",
  },
  prober_canary: {
    causes: "The machine lacks CPU, memory, descriptors or ports, or its loopback is down.",
    step: "Look at the load, the memory and the open files of the machine Sentinel runs on.",
  },
  prober_cut_off: {
    causes: "A cable, a router or a firewall cuts off the machine Sentinel runs on.",
    step: "Check the connection of the machine Sentinel runs on.",
  },
  prober_clock: {
    causes: "The clock was set wrong, or is not kept by NTP.",
    step: "Set the clock, and let NTP keep it.",
  },
  late: BUSY,
  clock_jumped: {
    causes: "The clock was set, or the machine was suspended.",
    step: "Let the clock be kept by NTP, and the machine awake.",
  },
  still_running: {
    causes: "The timeout is longer than the interval.",
    step: "Make `timeout` shorter than `every`, or check less often.",
  },
  prober_lost: {
    causes: "It was killed, or cut off from the message bus; another prober of the region has taken over.",
    step: "Nothing; look why it ended if it happens more than once.",
  },
  prober_stopped: {
    causes: "It was stopped, or the machine was off.",
    step: "Nothing; keep Sentinel running where no check may be missed.",
  },
  not_watched: {
    causes: "The prober is gone or sends nothing, the message bus is away, or the check itself breaks.",
    step: "Read the open incident of Sentinel: it names who lost sight, and since when.",
  },
  broker_forgot: {
    causes: "The message bus was restored, or lost its disk.",
    step: "Nothing; results are sent again. Check the disk of the message bus if it happens more than once.",
  },
  spool_full: {
    causes: "Results were not folded for long: the database or the message bus was away.",
    step: "Find out why results were not folded for so long; give the spool more room with `SENTINEL_SPOOL_MAX_BYTES`.",
  },
  result_too_large: {
    causes: "Many endpoints with large headers failed at once.",
    step: "Let the service answer with smaller headers, or watch fewer endpoints with one monitor.",
  },
  not_verified: NOT_REPAIRED,
  outcome_unknown: NOT_REPAIRED,
  incident_closed: { causes: "Somebody closed it, or a check found it well.", step: "Nothing." },
  interrupted: { causes: "Sentinel was stopped while it worked.", step: "Nothing; the next check settles it." },
  deadline_passed: {
    causes: "Whoever was asked did not answer in time.",
    step: "Look whether the service, or the receiver, answers at all.",
  },
  smtp_refused: {
    causes: "Wrong sender, receiver or password, or a mail server that takes no mail from here.",
    step: "Look up the code in the log of the mail server, and check `from`, `to`, `user` and `password`.",
  },
  smtp_no_tls: {
    causes: "The wrong port, or a mail server without TLS.",
    step: "Set `security: tls` with the right port, or `none` where that is acceptable.",
  },
  http_status: {
    causes: "The address or the secret of the channel changed, or the receiver is broken.",
    step: "Check the address and the secret of the channel; the receiver’s log says why it refused.",
  },
  not_configured: {
    causes: "The channel was taken out of the configuration.",
    step: "Put the channel back into `notifications`, or ignore it.",
  },
};
