import type { Catalogue } from "../catalogue.ts";
import { formatDuration } from "../format.ts";
import { fill, fillOrPlain as text, lostSight, orPlain } from "../sentence.ts";

/** Issues are titles, without a full stop; causes and recommendations are sentences. */
export const diagnosis = {
  "issue.journey_broken": orPlain("The journey on {host} stops at “{step}”", "The journey through the pages stops"),
  "issue.sleeping": orPlain("{host} seems to be asleep", "The host seems to be asleep"),
  "issue.unreachable": orPlain("{host} cannot be reached on port {port}", "The host cannot be reached"),
  "issue.broken_answer": orPlain("{host} breaks off its answers", "The answers are broken off"),
  "issue.name_not_found": orPlain("The name {host} leads nowhere", "The name leads nowhere"),
  "issue.name_not_resolved": orPlain("The name {host} cannot be looked up", "The name cannot be looked up"),
  "issue.certificate_invalid": orPlain("The certificate of {host} is not valid", "The certificate is not valid"),
  "issue.no_token": "The monitor gets no access token",
  "issue.proxy_in_the_way": "The check does not get past its proxy",
  "issue.http2_missing": orPlain("{host} does not speak HTTP/2", "HTTP/2 is not spoken"),
  "issue.tls_broken": orPlain("No secure connection with {host} is possible", "No secure connection is possible"),
  "issue.not_http": orPlain("{host} does not speak HTTP on port {port}", "The host does not speak HTTP"),
  "issue.no_answer": orPlain("{host} accepts connections but does not answer", "Connections open, but no answer comes"),
  "issue.oversized_answer": orPlain("{host} sends too large an answer", "The answer is too large"),
  "issue.redirects_wrong": orPlain("{host} redirects without end", "The redirects do not end"),
  "issue.server_error": orPlain("{host} answers with error {status}", "The server answers with an error"),
  "issue.unavailable": orPlain("{host} is unavailable (status {status})", "The service is unavailable"),
  "issue.access_refused": orPlain("{host} refuses access (status {status})", "Access is refused"),
  "issue.page_missing": orPlain("The page is missing from {host} (status {status})", "The page is missing"),
  "issue.rate_limited": orPlain("{host} refuses so many requests", "Too many requests: the server refuses"),
  "issue.unexpected_status": orPlain("{host} answers with status {actual}, not {expected}", "Unexpected status"),
  "issue.unexpected_content": (params) =>
    (params["subject"] ?? "") === ""
      ? text(params, "The page on {host} lacks “{expected}”", "The page lacks the expected text")
      : text(params, "The answer of {host} is not as expected", "The answer is not as expected"),
  "issue.address_not_allowed": orPlain("{host} may not be contacted from here", "The address may not be contacted"),
  "issue.slow": (params, locale) =>
    params["host"] === undefined || params["latencyMs"] === undefined
      ? "The answer is slow"
      : fill("{host} is slow: {latency} for an answer", {
          host: params["host"],
          latency: formatDuration(locale, Number(params["latencyMs"])),
        }),
  "issue.coverage": (params) =>
    params["count"] === undefined
      ? "Monitors are not being watched"
      : params["count"] === "1"
        ? fill("1 monitor is not being watched: {monitors}", params)
        : fill("{count} monitors are not being watched: {monitors}", params),
  "issue.broker_forgot": "The message bus has lost messages",
  "issue.wrong_service": orPlain("{host} does not speak the expected protocol", "Another service answers"),
  "issue.sign_in_refused": orPlain("{host} does not let the check sign in", "The check cannot sign in"),
  "issue.not_ready": orPlain("{host} is not ready", "The server is not ready"),
  "issue.connections_exhausted": orPlain("{host} takes no more connections", "No more connections are taken"),
  "issue.query_fails": orPlain("The query on {host} fails", "The query fails"),
  "issue.service_not_serving": orPlain("A service on {host} is not serving", "A service is not serving"),
  "issue.feature_missing": orPlain("{host} lacks what the check asks for", "What the check asks for is missing"),
  "issue.certificate_ending": orPlain("The certificate of {host} ends soon", "The certificate ends soon"),
  "issue.tls_weak": orPlain("{host} secures its connections too weakly", "Connections are secured too weakly"),
  "issue.silent": orPlain("{host} does not answer", "No answer comes back"),
  "issue.records_wrong": orPlain(
    "The DNS answer about {name} is not the expected one",
    "The DNS answer is not the expected one",
  ),
  "issue.domain_ending": orPlain("The domain {domain} expires soon", "The domain expires soon"),
  "issue.domain_lost": orPlain("The domain {domain} is no longer in use", "The domain is no longer in use"),
  "issue.job_silent": orPlain("{monitor} did not call in time", "The job did not call in time"),
  "issue.job_failed": orPlain("{monitor} says that it failed", "The job says that it failed"),
  "issue.job_overran": orPlain("{monitor} began and did not end in time", "The job began and did not end in time"),
  "issue.failing": orPlain("{host} fails its checks", "The checks fail"),

  "cause.step_or_page_changed":
    "The step of the monitor no longer fits the page, or the page no longer does what the step checks.",
  "cause.page_script_fails": "A script of the page fails or never ends, so that nobody can go on there.",
  "cause.page_changed": "The page is not what it was: another text, another way, or it was not delivered whole.",
  "cause.sleeps_when_idle":
    "The hosting puts the service to sleep when nobody uses it; the first visitor waits until it wakes.",
  "cause.broker_away": lostSight(
    "The message bus cannot be reached since {since}, so no result arrives; probers keep theirs until it is back.",
    "The message bus cannot be reached, so no result arrives; probers keep theirs until it is back.",
  ),
  "cause.no_prober": lostSight(
    "No prober watches them: none has sent a result, and none is running. Last seen at {since}.",
    "No prober watches them: none has sent a result, and none is running.",
  ),
  "cause.prober_gone": lostSight(
    "The prober {prober} in region {region} is gone: it was stopped, killed or cut off. Nothing has come since {since}.",
    "The prober that watched them is gone: it was stopped, killed or cut off.",
  ),
  "cause.prober_silent": lostSight(
    "The prober {prober} in region {region} has sent nothing about them since {since}.",
    "The prober that watched them sends nothing about them.",
  ),
  "cause.not_assigned": lostSight(
    "None of the probers that are there ({prober}) looks at them. Last seen at {since}.",
    "None of the probers that are there looks at them.",
  ),
  "cause.not_judged": lostSight(
    "The prober {prober} in region {region} has not been able to judge them since {since}; its reason is {why}.",
    "The prober sends results but cannot judge what it checks.",
  ),
  "cause.broker_lost_messages":
    "The stream of check results was made anew or lost its newest messages; what had not been recorded is being sent again.",
  "cause.job_did_not_run":
    "The job did not run, hangs, or ended before its call: its scheduler is stopped, its machine is off, or the address it calls is wrong.",
  "cause.job_reported_failure": "The job ran and ended with an error; what it wrote last is in the evidence.",
  "cause.job_hangs": "The job hangs, takes longer than it used to, or was killed before it could tell its end.",
  "cause.crashed_or_not_started": "Nothing listens there: the process crashed, was stopped or never started.",
  "cause.firewall_or_overload": "Nobody picks up: a firewall drops the packets, or the machine is off or overloaded.",
  "cause.no_route":
    "The network has no path to this machine: it is off, or a route, a tunnel or a network card is down.",
  "cause.crashes_during_request": "The process seems to crash, or a proxy cuts it off, while it handles the request.",
  "cause.record_or_domain_gone": "The DNS record was removed, the domain has expired, or the name is misspelt.",
  "cause.record_without_address": "The name exists but has neither an IPv4 nor an IPv6 address.",
  "cause.resolver_failing": "The name servers do not answer, or answer with an error.",
  "cause.certificate_expired": orPlain(
    "The certificate expired on {certificateExpiredOn}; its renewal did not take place or was not loaded.",
    "The certificate has expired; its renewal did not take place or was not loaded.",
  ),
  "cause.certificate_not_yet_valid":
    "The certificate begins in the future: a clock is wrong, or it was installed too early.",
  "cause.certificate_for_other_name": orPlain(
    "The server presents a certificate made for another name than {host}.",
    "The server presents a certificate made for another name.",
  ),
  "cause.certificate_not_trusted":
    "The certificate signs itself, its issuer is unknown, or an intermediate certificate is missing.",
  "cause.token_server_fails": "The server that gives access tokens is down, or answers in another way than before.",
  "cause.proxy_fails": "The proxy that the monitor is told to use is down, or does not let this address through.",
  "cause.http2_switched_off": "HTTP/2 is switched off, or something in front of the server speaks HTTP/1.1 only.",
  "cause.handshake_fails": "The two sides agree on no protocol version or cipher, or the server is too busy to finish.",
  "cause.plain_http_on_https": "The port answers in plain text although the address says https.",
  "cause.other_protocol": "Another service than a web server listens on this port.",
  "cause.hangs_or_starts": "The application hangs, waits for something it depends on, or is still starting.",
  "cause.answer_cut": "The application or a proxy in front of it stopped in the middle of the answer.",
  "cause.headers_too_large": "The server sends too many or too large headers, most often cookies.",
  "cause.body_too_large": "The watched page is larger than a check reads.",
  "cause.redirect_loop": "Two rules send visitors to each other, such as http and https or with and without www.",
  "cause.too_many_redirects": "The watched address leads to its page by too many steps.",
  "cause.code_or_configuration":
    "The application failed on its own: a fault in the code, or a setting that is missing.",
  "cause.upstream_down_or_full": "The proxy answers, but the application behind it is down, starting or at its limit.",
  "cause.credentials_or_policy": "The check has no valid credentials, or an access rule refuses it.",
  "cause.route_removed": "The page was moved or removed, or a release went out without it.",
  "cause.too_many_requests": "The server counts the checks as too many requests.",
  "cause.server_fails": "The server itself says that it failed.",
  "cause.other_answer": "The application answers, but not as this monitor expects.",
  "cause.content_changed": "The page changed, or an error page is shown with a good status.",
  "cause.egress_policy": "The rules that protect your network forbid checks of this address.",
  "cause.saturated_or_dependency": "The server is short of resources, or waits for a database or another service.",
  "cause.other_service": "Another service listens on this port, or a proxy answers in its place.",
  "cause.credentials_wrong":
    "The user or password of the check is wrong, was changed or has expired, or an access rule refuses it.",
  "cause.starting_or_stopping":
    "The server was started a short while ago, recovers after a crash, or is being shut down.",
  "cause.connections_leak": "Clients hold too many connections, or the limit of the server is too low.",
  "cause.database_gone": "The database was removed or renamed, or its name in the monitor is misspelt.",
  "cause.query_or_schema": "The query does not fit the data any more, or the user of the check may not read them.",
  "cause.query_slow": "The query waits for a lock, lacks an index, or the server is overloaded.",
  "cause.series_gone": "What exports these series is down or was renamed, or it is not scraped any more.",
  "cause.service_unhealthy":
    "The service itself says that it cannot work: something it depends on is missing, or it is starting or stopping.",
  "cause.service_not_registered": "The service is not registered under this name in the running version.",
  "cause.feature_off": "The server runs without it: it was not configured, or not for this account.",
  "cause.renewal_did_not_run": "The automatic renewal did not run, or its certificate was not loaded into the server.",
  "cause.old_tls_settings":
    "The settings of the server, or an old library, allow only what is no longer held to be safe.",
  "cause.record_removed": "The record was removed or renamed, or the zone was published without it.",
  "cause.name_server_failing":
    "The name server does not serve this zone, cannot load it, or cannot reach the servers it asks.",
  "cause.domain_not_renewed": "The registration was not renewed, or the payment for it failed.",
  "cause.unknown_cause": "What was seen fits no known cause.",

  "recommendation.check_step": "Try the step by hand on the page, and correct it in the monitor if the page is right.",
  "recommendation.read_console": "Read the errors of the browser’s console in the evidence.",
  "recommendation.see_screenshot": "Look at the picture of the page in the evidence.",
  "recommendation.keep_awake": "Choose a plan without sleep, or check more often than the service falls asleep.",
  "recommendation.read_host_dashboard": "Look at the state of the service in your hosting provider’s dashboard.",
  "recommendation.read_last_logs": "Read the last lines of the application’s log.",
  "recommendation.check_broker": "Look whether the message bus runs and can be reached from the incidents service.",
  "recommendation.start_prober": "Start a prober.",
  "recommendation.restart_prober": "Start the prober again.",
  "recommendation.check_prober_machine": "Look whether its machine runs and reaches the message bus.",
  "recommendation.read_prober_log": "Read the log of the prober at that time.",
  "recommendation.wait_for_results": "Wait: this resolves itself when all results have been sent again.",
  "recommendation.check_broker_disk":
    "Check the disk and the restarts of the message bus, and that nobody deletes its streams.",
  "recommendation.restart_service": "Restart the service.",
  "recommendation.deploy_last_good": "If a release just went out, deploy the last good one again.",
  "recommendation.check_port": orPlain(
    "Check that the application listens on port {port}, on the right network interface.",
    "Check that the application listens on the right port and network interface.",
  ),
  "recommendation.check_firewall": orPlain(
    "Check that the firewall and security groups let port {port} through.",
    "Check that the firewall and security groups let this port through.",
  ),
  "recommendation.check_host_alive": orPlain(
    "Check that the machine behind {host} is on.",
    "Check that the machine is on.",
  ),
  "recommendation.check_load":
    "Look at the processor, memory and connections of the server; add capacity if they are full.",
  "recommendation.check_network":
    "Check the routes, the tunnel (VPN) and the network of this machine and of the server.",
  "recommendation.check_memory": "Check whether the system ended the process for lack of memory.",
  "recommendation.check_proxy_timeouts": "Compare the time limits of the proxy with the time the application takes.",
  "recommendation.check_dns_record": orPlain(
    "Check the A and AAAA records of {host} at your DNS provider.",
    "Check the A and AAAA records at your DNS provider.",
  ),
  "recommendation.check_domain_expiry": "Check at your registrar that the domain has not expired.",
  "recommendation.check_spelling": orPlain(
    "Check the spelling of {host} in the monitor.",
    "Check the spelling of the name in the monitor.",
  ),
  "recommendation.check_resolver": "Check that this machine can look up other names; if not, repair its resolver.",
  "recommendation.check_dns_provider": "Look at the status page of your DNS provider.",
  "recommendation.renew_certificate": orPlain(
    "Renew the certificate of {host} and load it into the server.",
    "Renew the certificate and load it into the server.",
  ),
  "recommendation.check_renewal_job": "Find out why the automatic renewal did not run, and run it by hand once.",
  "recommendation.check_clock": "Check the clocks of the server and of this machine.",
  "recommendation.check_certificate": "Install a certificate that is valid today.",
  "recommendation.check_certificate_names": orPlain(
    "Request a certificate that names {host}.",
    "Request a certificate that holds this name.",
  ),
  "recommendation.check_virtual_host": "Check which virtual host the web server picks for this name.",
  "recommendation.serve_full_chain": "Make the server send the intermediate certificates too (the “full chain” file).",
  "recommendation.check_interception": "Check whether a company proxy replaces certificates on the way.",
  "recommendation.check_proxy_of_checks": "Check the proxy that the monitor uses, and what it lets through.",
  "recommendation.check_tls_settings": "Check that the server accepts TLS 1.2 or 1.3 with current ciphers.",
  "recommendation.check_scheme_and_port": orPlain(
    "Check the scheme and the port of {url}.",
    "Check the scheme and the port of the address.",
  ),
  "recommendation.check_proxy": "Check that the proxy ends TLS on this port.",
  "recommendation.check_database": "Check that the database and the other services it needs answer.",
  "recommendation.check_zone": orPlain(
    "Ask the name server by hand for {name} and compare the answer with the zone.",
    "Ask the name server by hand and compare the answer with the zone.",
  ),
  "recommendation.check_scheduler": "Look on its machine whether the scheduler runs and when the job ran last.",
  "recommendation.check_ping_address":
    "Call the address by hand, such as with curl, to see that the machine reaches Sentinel.",
  "recommendation.read_job_output": "Read what the job wrote last: the evidence holds the end of it.",
  "recommendation.check_job_hangs":
    "Look whether the job still runs; give it a longer `grace` if it may take that long.",
  "recommendation.renew_domain": orPlain(
    "Renew {domain} at your registrar, and check the payment and the automatic renewal.",
    "Renew the domain at your registrar, and check the payment and the automatic renewal.",
  ),
  "recommendation.check_cookies": "Find out which cookies and headers the server sends, and shorten them.",
  "recommendation.watch_smaller_page": "Watch a small page made for checks, such as /health.",
  "recommendation.fix_canonical_host":
    "Make one rule decide between http and https, and between www and the bare name.",
  "recommendation.check_login_redirect": "Check that the login page does not redirect to itself.",
  "recommendation.watch_final_address": "Put the final address into the monitor.",
  "recommendation.read_error_log": "Read the application’s error log at the time of the outage.",
  "recommendation.roll_back_last_deploy": "If it began with a release, roll that release back.",
  "recommendation.check_environment": "Check the environment variables and secrets of the application.",
  "recommendation.check_upstream":
    "Check that the application behind the proxy runs and listens where the proxy looks.",
  "recommendation.check_capacity": "Look at the number of workers and connections; add some if all are taken.",
  "recommendation.check_maintenance": "Check whether maintenance is under way; if so, pause the monitor.",
  "recommendation.check_credentials":
    "Put valid credentials into the monitor’s headers, or watch a page that needs none.",
  "recommendation.check_access_rules": "Check whether an access rule or a bot filter refuses the checks.",
  "recommendation.check_last_release": "Look at what the last release changed.",
  "recommendation.check_address": orPlain("Check that {url} is still right.", "Check that the address is still right."),
  "recommendation.check_less_often": "Check less often: raise “every” in the monitor.",
  "recommendation.allow_prober": "Let Sentinel’s address pass the rate limit.",
  "recommendation.check_expectation": "If this answer is right, add its status to “expect” in the monitor.",
  "recommendation.compare_page": (params) =>
    (params["subject"] ?? "") === ""
      ? text(
          params,
          "Compare the page with the text the monitor expects, “{expected}”.",
          "Compare the page with the text the monitor expects.",
        )
      : "Compare the answer, in the evidence, with what the monitor expects.",
  "recommendation.allow_range": "If the check is wanted, allow this address range when you start Sentinel.",
  "recommendation.check_sign_in":
    "Try the user and password of the check by hand, and set the secret anew where Sentinel runs.",
  "recommendation.wait_for_start": "Wait for the start to end; if it does not, read the log of the server.",
  "recommendation.check_connections": "Look at who holds the connections, and close those that are idle.",
  "recommendation.run_query_by_hand": "Run the query by hand as the user of the check.",
  "recommendation.check_locks": "Look for long transactions and locks, and at the plan of the query.",
  "recommendation.check_database_name": "Check the name of the database in the address.",
  "recommendation.write_reading_query": "Write a query that only reads.",
  "recommendation.check_scrape": "Check in Prometheus that the target is scraped and that the query is spelt right.",
  "recommendation.check_service_dependencies": "Check what the service depends on, and read its log.",
  "recommendation.check_service_name": "Check the name of the service, and that the running version registers it.",
  "recommendation.enable_feature": "Turn it on in the configuration of the server, or take it out of the monitor.",
  "issue.budget_burns_fast": orPlain("The error budget of {monitor} burns fast", "The error budget burns fast"),
  "issue.budget_burns_slow": orPlain(
    "The error budget of {monitor} shrinks too fast",
    "The error budget shrinks too fast",
  ),
  "cause.budget_burn": orPlain(
    "It is used up {burn} times faster than an objective of {target}% allows.",
    "It is used up faster than the objective allows.",
  ),
  "recommendation.look_at_outages":
    "Look at the outages of the last hours: what they have in common is worth mending first.",
  "recommendation.hold_changes": "Hold back risky changes to this service until its budget has recovered.",
  "recommendation.read_evidence": "Read the evidence of the failed check below.",
} as const satisfies Catalogue;
