import { aboutSubject, assertionSentence } from "../assertion-words.ts";
import type { Catalogue } from "../catalogue.ts";
import { formatDuration } from "../format.ts";
import { fill, orPlain } from "../sentence.ts";
import { assertionWords } from "./assertions.ts";

/** Why a round failed, was not judged or was not made; why a repair or a message failed; why a repair was not made. */
export const reasons = {
  "step.reason": "Step “{step}”: {reason}",
  "reason.unknown": "The reason is not known.",
  "reason.bad_url": "The address cannot be read.",
  "reason.scheme_not_allowed": orPlain(
    "“{scheme}” addresses cannot be checked, only http and https.",
    "Only http and https addresses can be checked.",
  ),
  "reason.credentials_in_url": "The address holds a user name or password.",
  "reason.address_forbidden": orPlain(
    "Sentinel’s own rules forbid it to contact {address}, where {host} leads: nothing was asked of it.",
    "Sentinel’s own rules forbid it to contact this address: nothing was asked of it.",
  ),
  "reason.address_metadata": orPlain(
    "{host} leads to {address}, a cloud metadata service, which Sentinel never contacts: nothing was asked of it.",
    "The name leads to a cloud metadata service, which Sentinel never contacts: nothing was asked of it.",
  ),

  "reason.dns_nxdomain": orPlain("The name {host} does not exist.", "The name does not exist."),
  "reason.dns_no_address": orPlain("The name {host} has no address.", "The name has no address."),
  "reason.dns_failed": orPlain("The name {host} could not be looked up.", "The name could not be looked up."),
  "reason.timeout_in_dns": orPlain("Looking up the name {host} took too long.", "Looking up the name took too long."),

  "reason.connect_refused": orPlain("{host} refuses connections on port {port}.", "The host refuses connections."),
  "reason.connect_reset": orPlain(
    "{host} broke the connection on port {port} while it was being made.",
    "The connection was broken while it was being made.",
  ),
  "reason.connect_unreachable": orPlain("No network path leads to {host}.", "No network path leads to the host."),
  "reason.timeout_in_connect": orPlain(
    "{host} did not accept a connection on port {port} in time.",
    "The host did not accept a connection in time.",
  ),

  "reason.tls_expired": orPlain("The certificate of {host} has expired.", "The certificate has expired."),
  "reason.tls_not_yet_valid": orPlain(
    "The certificate of {host} is not valid yet.",
    "The certificate is not valid yet.",
  ),
  "reason.tls_hostname": orPlain(
    "The certificate was not issued for {host}.",
    "The certificate was issued for another name.",
  ),
  "reason.tls_untrusted": orPlain("The certificate of {host} is not trusted.", "The certificate is not trusted."),
  "reason.tls_self_signed": orPlain("The certificate of {host} signs itself.", "The certificate signs itself."),
  "reason.tls_wrong_version": orPlain(
    "{host} does not answer in TLS on this port.",
    "The host does not answer in TLS on this port.",
  ),
  "reason.tls_handshake": orPlain(
    "The secure connection with {host} could not be agreed on.",
    "The secure connection could not be agreed on.",
  ),
  "reason.timeout_in_tls": orPlain(
    "Agreeing on a secure connection with {host} took too long.",
    "Agreeing on a secure connection took too long.",
  ),

  "reason.empty_reply": "The connection was closed without an answer.",
  "reason.reset": "The connection was broken during the answer.",
  "reason.truncated": "The answer stopped before its end.",
  "reason.protocol": "The answer does not follow its protocol.",
  "reason.headers_too_large": "The headers of the answer are too large.",
  "reason.timeout_in_first_byte": "The connection was made, but no answer began in time.",
  "reason.timeout_in_transfer": "The answer began but did not end in time.",
  "reason.body_too_large": orPlain("The answer is larger than {limitBytes} bytes.", "The answer is too large."),
  "reason.decompression_bomb": orPlain(
    "The answer grows to more than {ratio} times its size when unpacked.",
    "The answer grows beyond measure when unpacked.",
  ),
  "reason.redirect_loop": orPlain("The redirects lead back to {url}.", "The redirects lead in a circle."),
  "reason.too_many_redirects": orPlain(
    "The address redirects more than {limit} times.",
    "The address redirects too many times.",
  ),

  "reason.status": orPlain(
    "The answer had status {actual} where {expected} was expected.",
    "The answer had another status than expected.",
  ),
  "reason.body_mismatch": orPlain("The page does not contain “{expected}”.", "The page lacks the expected text."),
  "reason.slow": (params, locale) =>
    params["latencyMs"] === undefined || params["limitMs"] === undefined
      ? "The answer took longer than allowed."
      : fill("The answer took {latency}; the limit is {limit}.", {
          latency: formatDuration(locale, Number(params["latencyMs"])),
          limit: formatDuration(locale, Number(params["limitMs"])),
        }),

  "reason.slower_than_usual": (params, locale) =>
    params["latencyMs"] === undefined || params["usualMs"] === undefined
      ? "The answer took much longer than it usually does."
      : fill("The answer took {latency}; usually 95 of 100 take {usual} at most.", {
          latency: formatDuration(locale, Number(params["latencyMs"])),
          usual: formatDuration(locale, Number(params["usualMs"])),
        }),

  "reason.assertion": assertionSentence(
    assertionWords,
    "differs",
    "What came back does not fit what is expected of it.",
  ),
  "reason.assertion_nothing": assertionSentence(
    assertionWords,
    "missing",
    "What is expected of the answer is not there.",
  ),
  "reason.not_json": aboutSubject(
    assertionWords,
    "{subject} cannot be read: the answer is not JSON.",
    "The answer is not JSON.",
  ),
  "reason.assertion_too_costly": aboutSubject(
    assertionWords,
    "{subject} cannot be judged within the bound: the answer is too large or too deep for it.",
    "An assertion cannot be judged within its bound: the answer is too large or too deep for it.",
  ),
  "reason.answer_mismatch": orPlain(
    "The answer “{actual}” does not fit “{expected}”.",
    "The answer was not the expected one.",
  ),
  "reason.starttls_refused": orPlain("{host} would not begin TLS: “{actual}”.", "The host would not begin TLS."),
  "reason.wrong_protocol": orPlain(
    "{host} does not speak {protocol} on port {port}: it answers “{actual}”.",
    "What answers there speaks another protocol.",
  ),
  "reason.auth_required": orPlain(
    "{host} demands that one signs in, and the monitor has no password for it: “{actual}”.",
    "The server demands a password, and the monitor has none.",
  ),
  "reason.auth_refused": orPlain(
    "{host} does not let the monitor sign in: “{actual}”.",
    "The server does not let the monitor sign in.",
  ),
  "reason.server_loading": orPlain(
    "{host} is still starting, or is stopping: “{actual}”.",
    "The server is still starting, or is stopping.",
  ),
  "reason.too_many_connections": orPlain(
    "{host} has no connection free: “{actual}”.",
    "The server has no connection free.",
  ),
  "reason.command_failed": orPlain("{host} answers with an error: “{actual}”.", "The server answers with an error."),
  "reason.database_missing": orPlain(
    "{host} has no such database: “{actual}”.",
    "The database does not exist on this server.",
  ),
  "reason.query_failed": orPlain("The query failed with {code}: “{actual}”.", "The query failed."),
  "reason.query_timeout": orPlain(
    "The query ran longer than {limitMs} ms and was stopped by the server.",
    "The query ran too long and was stopped by the server.",
  ),
  "reason.rows_cut": orPlain(
    "The query gives more than {maxRows} rows; raise “maxRows” to have more of them counted.",
    "The query gives more rows than are counted.",
  ),
  "reason.query_read_only": orPlain(
    "The query wants to change data, which a check may not: “{actual}”.",
    "The query wants to change data, which a check may not.",
  ),
  "reason.no_data": orPlain("The query “{query}” finds no series.", "The query finds no series."),
  "reason.jetstream_disabled": orPlain(
    "{host} answers, but its JetStream is off for this account: “{actual}”.",
    "The server answers, but its JetStream is off for this account.",
  ),
  "reason.grpc_not_serving": orPlain(
    "{host} says that the service {service} is {actual}.",
    "The service says that it is not serving.",
  ),
  "reason.grpc_service_unknown": orPlain(
    "{host} does not know the service {service}.",
    "The server does not know this service.",
  ),
  "reason.grpc_no_health": orPlain(
    "{host} speaks gRPC but does not offer the standard health service.",
    "The server does not offer the standard health service of gRPC.",
  ),
  "reason.grpc_status": orPlain(
    "{host} answers with the gRPC status {code}: “{actual}”.",
    "The server answers with a gRPC error.",
  ),
  "reason.subprotocol_refused": orPlain(
    "{host} agreed on none of these subprotocols: {expected}.",
    "The server agreed on none of the subprotocols.",
  ),
  "reason.closed_early": orPlain(
    "{host} closed the conversation with code {code} before the answer: “{actual}”.",
    "The conversation was closed before the answer.",
  ),
  "reason.capture_missing": orPlain(
    "The answer has nothing to keep as {name}: “{where}” is not there.",
    "What should be kept of the answer is not there.",
  ),
  "reason.token_failed": orPlain("{host} gave no access token ({cause}).", "No access token could be got."),
  "reason.proxy_unreachable": orPlain(
    "The proxy {proxy} could not be reached ({cause}).",
    "The proxy could not be reached.",
  ),
  "reason.proxy_refused": orPlain("The proxy {proxy} did not connect: “{actual}”.", "The proxy did not connect."),
  "reason.http2_not_offered": orPlain("{host} does not offer HTTP/2.", "The host does not offer HTTP/2."),
  "reason.secret_missing": orPlain(
    "The secret {name}, which the monitor needs, is not set where Sentinel runs.",
    "A secret that the monitor needs is not set where Sentinel runs.",
  ),

  "reason.timeout_no_answer": orPlain("{host} did not answer in time.", "No answer came in time."),
  "reason.tls_old_version": orPlain(
    "{host} offers only versions of TLS that are older than this check accepts.",
    "Only versions of TLS that are too old are offered.",
  ),
  "reason.tls_cipher": orPlain(
    "{host} chose the cipher suite {actual}, which is not among those accepted: {expected}.",
    "Another cipher suite was chosen than those accepted.",
  ),
  "reason.certificate_expires_soon": orPlain(
    "The certificate of {subject} expires on {certificateExpiredOn}, in less than {limitDays} days.",
    "The certificate expires soon.",
  ),
  "reason.dns_rcode": orPlain(
    "{host} answered {actual} where {expected} was expected.",
    "The name server answered with another code than expected.",
  ),
  "reason.dns_no_records": orPlain(
    "The name {name} has no {type} record.",
    "The name has no record of the type asked for.",
  ),
  "reason.dns_flag": orPlain(
    "The answer about {name} is not marked {expected}; its flags are “{actual}”.",
    "The answer lacks a flag that it should have.",
  ),
  "reason.dns_message": orPlain(
    "What {host} sent is no readable DNS message.",
    "The answer is no readable DNS message.",
  ),
  "reason.resolver_unusable": orPlain(
    "The system’s resolver cannot be asked from here; name a server in the address, such as dns://1.1.1.1/{name}.",
    "The system’s resolver cannot be asked from here; name a server in the address.",
  ),
  "reason.ping_unreachable": orPlain(
    "{from} says that {host} cannot be reached: {detail}.",
    "The network says that the host cannot be reached.",
  ),
  "reason.ping_ttl_exceeded": orPlain(
    "The way to {host} is too long or goes in a circle; the packet died at {from}.",
    "The way to the host is too long or goes in a circle.",
  ),
  "reason.ping_missing": "There is no ping program where Sentinel runs; install the package iputils-ping.",
  "reason.ping_not_allowed": orPlain(
    "The ping program may not open its socket where Sentinel runs ({detail}); allow it by net.ipv4.ping_group_range or the capability NET_RAW.",
    "The ping program may not open its socket where Sentinel runs; allow it by net.ipv4.ping_group_range or the capability NET_RAW.",
  ),
  "reason.ping_failed": orPlain("The ping program failed: {detail}.", "The ping program failed."),
  "reason.domain_expires_soon": orPlain(
    "The domain {domain} expires on {expiresOn}, in less than {limitDays} days.",
    "The domain expires soon.",
  ),
  "reason.domain_expired": orPlain("The domain {domain} expired on {expiresOn}.", "The domain has expired."),
  "reason.domain_not_registered": orPlain(
    "The registry knows no domain {domain}; the address must hold the registered name, without its subdomains.",
    "The registry does not know the domain.",
  ),
  "reason.domain_withdrawn": orPlain(
    "The registry has taken {domain} out of use: its status is “{status}”.",
    "The registry has taken the domain out of use.",
  ),
  "reason.domain_no_expiry": orPlain(
    "The registry does not say when {domain} expires.",
    "The registry does not say when the domain expires.",
  ),
  "reason.rdap_unsupported": orPlain(
    "No registry tells about {domain} by RDAP.",
    "No registry tells about this domain by RDAP.",
  ),
  "reason.rdap_limited": orPlain(
    "{server} answers no more questions for now; it is asked again later.",
    "The registry answers no more questions for now; it is asked again later.",
  ),
  "reason.rdap_failed": orPlain(
    "{server} could not tell about {domain} ({detail}); it is asked again later.",
    "The registry could not tell about the domain; it is asked again later.",
  ),
  "reason.page_text_missing": orPlain(
    "“{expected}” is not on the page; it reads “{actual}”.",
    "The expected text is not on the page.",
  ),
  "reason.page_element_missing": orPlain(
    "Nothing on the page fits “{selector}”.",
    "What the step looks for is not on the page.",
  ),
  "reason.page_element_unusable": orPlain(
    "“{selector}” is on the page but cannot be used: {detail}.",
    "What the step looks for is on the page but cannot be used.",
  ),
  "reason.page_element_visible": orPlain(
    "“{selector}” can still be seen on the page.",
    "What should be gone can still be seen on the page.",
  ),
  "reason.page_selector": orPlain(
    "“{selector}” cannot be read as a selector: {detail}.",
    "The selector of the step cannot be read.",
  ),
  "reason.page_url": orPlain(
    "The page is at {actual}, where an address with “{expected}” was expected.",
    "The page has another address than expected.",
  ),
  "reason.page_script": orPlain("The script of the step failed: {detail}.", "The script of the step failed."),
  "reason.page_script_late": "The script of the step did not end in time.",
  "reason.page_dialogs": orPlain(
    "The page opens dialogs without end: {count} of them were closed.",
    "The page opens dialogs without end.",
  ),
  "reason.page_hangs": "The page no longer reacts: one of its scripts does not end.",
  "reason.page_crashed": "The page crashed the browser’s process, most often for want of memory.",
  "reason.page_download": "The address gives a file to download, not a page.",
  "reason.page_not_opened": orPlain(
    "The browser could not show {url}: {detail}.",
    "The browser could not show the page.",
  ),
  "reason.browser_missing":
    "There is no browser where Sentinel runs; install the package chromium, or name a browser in SENTINEL_BROWSER.",
  "reason.browser_failed": orPlain("The browser did not start: {detail}.", "The browser did not start."),
  "reason.browser_busy": orPlain(
    "All {limit} browsers of Sentinel were busy with other journeys; give those more time between two checks.",
    "All browsers of Sentinel were busy with other journeys.",
  ),

  "reason.heartbeat_missed": (params) =>
    params["expectedBy"] === undefined
      ? "The job did not call in time."
      : params["lastPing"] === undefined
        ? fill("The job never called; it was expected by {expectedBy}.", params)
        : fill("The job did not call by {expectedBy}; it called last at {lastPing}.", params),
  "reason.heartbeat_failed": (params) =>
    params["exitCode"] === undefined
      ? fill(
          params["failedAt"] === undefined
            ? "The job says that it failed."
            : "The job said at {failedAt} that it failed.",
          params,
        )
      : fill("The job ended with exit code {exitCode} at {failedAt}.", params),
  "reason.heartbeat_overrun": orPlain(
    "The job began at {startedAt} and had not ended well by {expectedBy}.",
    "The job began and did not end well in time.",
  ),
  "reason.heartbeat_awaited": orPlain(
    "The job has not succeeded yet; it is expected by {expectedBy}.",
    "The job has not succeeded yet.",
  ),
  "reason.heartbeat_unheard": orPlain(
    "Sentinel could take no call from {from} to {until}, when the job was expected; its next call will tell.",
    "Sentinel could take no call when the job was expected; its next call will tell.",
  ),
  "reason.heartbeat_unasked": "Sentinel could not read what the job has told.",

  "reason.prober_overloaded": "Sentinel’s own machine was too busy to judge the answer.",
  "reason.check_broke": orPlain(
    "The check itself broke, by a fault of Sentinel’s own: {error} ({at}).",
    "The check itself broke, by a fault of Sentinel’s own.",
  ),
  "reason.prober_ports": "Sentinel’s own machine has no local port free to connect from.",
  "reason.prober_descriptors": "Sentinel’s own process has as many files and connections open as it may.",
  "reason.prober_memory": "Sentinel’s own machine has no memory for another connection.",
  "reason.prober_forbidden": "A rule on Sentinel’s own machine forbids the connection.",
  "reason.prober_no_route": "Sentinel’s own machine has no way to this kind of address.",
  "reason.prober_resolver": "Sentinel’s own resolver does not answer, for other names either.",
  "reason.prober_resolver_lies": "Sentinel’s own resolver gives wrong answers, for other names too.",
  "reason.prober_blocked": "Sentinel’s own process stood still during the check.",
  "reason.prober_canary": "Sentinel could not reach even itself at that time.",
  "reason.prober_cut_off": "Sentinel could reach nobody at that time: its own connection seems to be cut.",
  "reason.prober_clock": "The clock of Sentinel’s machine seems to be wrong.",
  "reason.late": "Sentinel’s own machine was too busy to check in time.",
  "reason.clock_jumped": "The clock of Sentinel’s machine was set forward, or the machine was asleep.",
  "reason.still_running": "The check before this one was still running.",
  "reason.prober_lost": "The prober that had this slot was gone.",
  "reason.prober_stopped": "Sentinel was not running.",
  "reason.not_watched": "Nobody has checked this lately: there is no fresh evidence.",
  "reason.broker_away": "The message bus cannot be reached, so no result arrives.",
  "reason.no_prober": "No prober watches this.",
  "reason.prober_gone": "The prober that watched this is gone.",
  "reason.not_assigned": "None of the probers looks at this.",
  "reason.prober_silent": "The prober that watched this sends nothing about it.",
  "reason.not_judged": "The prober could not judge what it checks.",
  "reason.broker_forgot": "The message bus has lost messages that it had taken.",
  "reason.spool_full": "Sentinel’s spool was full: the results waiting longest were given up.",
  "reason.result_too_large": "What was seen is too large to be kept.",

  "reason.not_verified": "The check after the repair still failed.",
  "reason.outcome_unknown": "Sentinel was interrupted during the repair, and the next check still failed.",
  "reason.incident_closed": "The incident was closed before the repair ended.",
  "reason.interrupted": "Sentinel was stopped in the middle.",
  "reason.deadline_passed": "The time allowed for it ran out.",
  "reason.smtp_refused": orPlain(
    "The mail server refused the message with code {status}.",
    "The mail server refused the message.",
  ),
  "reason.smtp_no_tls": "The mail server offers no encryption, which this channel demands.",
  "reason.http_status": orPlain("The receiver answered with status {status}.", "The receiver answered with an error."),
  "reason.not_configured": "This notification channel is no longer in the configuration.",

  "dead_letter.not_a_check_result": "It is no check result that can be read or stored.",
  "dead_letter.wrong_partition": "Its subject names another partition than its monitor belongs to.",
  "dead_letter.slot_out_of_range": "It is dated more than a day ahead or more than 31 days back; check the clocks.",
  "dead_letter.bus_message_too_large": "It is larger than the message bus takes.",
  "dead_letter.bus_subject_invalid": "Its subject is not valid on the message bus.",
  "dead_letter.bus_subject_unknown": "No stream of the message bus takes its subject.",

  "withheld.off": "Repairs are off for this monitor.",
  "withheld.observe": "This monitor is only observed.",
  "withheld.dry_run": "This monitor is on trial: repairs are noted, not made.",
  "withheld.cooldown": (params, locale) =>
    params["readyInMs"] === undefined
      ? "The last repair was too short a while ago."
      : fill("The last repair was too short a while ago; the next may come in {wait}.", {
          wait: formatDuration(locale, Number(params["readyInMs"])),
        }),
  "withheld.hourly_cap": orPlain(
    "The limit of repairs for this monitor is reached ({cap} per hour).",
    "The hourly limit of repairs for this monitor is reached.",
  ),
  "withheld.global_cap": orPlain(
    "The limit of repairs for all monitors is reached ({cap} per hour).",
    "The hourly limit of repairs for all monitors is reached.",
  ),
  "withheld.one_at_a_time": "Another repair of this monitor is still running.",
  "withheld.not_applicable": "No repair Sentinel can make would help here.",
} as const satisfies Catalogue;
