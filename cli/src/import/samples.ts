/** Small configurations of the other programs, with something of everything that can be said. */
export const GATUS = `
storage: {type: sqlite, path: data.db}
alerting: {slack: {webhook-url: "https://hooks.slack.test/hush-hook"}}
endpoints:
  - name: shop
    group: core
    url: "https://shop.example.org/health?token=hush-query"
    interval: 30s
    method: POST
    body: '{"a":1}'
    headers: {Authorization: "Bearer \${SHOP_TOKEN}", X-Plain: plain, X-Api-Key: hush-key}
    client:
      timeout: 5s
      insecure: true
      ignore-redirect: true
      dns-resolver: tcp://8.8.8.8:53
      oauth2: {token-url: "https://id.example.org/token", client-id: probe, client-secret: hush-client, scopes: [a]}
    conditions:
      - "[STATUS] == any(200, 429)"
      - "[RESPONSE_TIME] < 500"
      - "[BODY].status == UP"
      - "[BODY].items[0].n > 5"
      - "len([BODY].items) > 3"
      - "[BODY] == pat(*ok*)"
      - "has([BODY].errors) == false"
      - "[CERTIFICATE_EXPIRATION] > 60h"
      - "[DOMAIN_EXPIRATION] > 720h"
      - "[CONNECTED] == true"
    alerts: [{type: slack, failure-threshold: 5, success-threshold: 2, description: told}]
    novel: {thing: 1}
  - {name: names, url: 8.8.8.8, dns: {query-name: example.com, query-type: A}, conditions: ["[DNS_RCODE] == NOERROR", "[BODY] == 192.0.2.1"]}
  - {name: mail, url: "starttls://smtp.example.org:587", conditions: ["[CERTIFICATE_EXPIRATION] > 48h"]}
  - {name: cache, url: "tcp://10.0.0.1:6379", body: PING, conditions: ["[CONNECTED] == true"]}
  - {name: gate, url: "icmp://gate.example.org", enabled: false, conditions: ["[CONNECTED] == true"], ui: {hide-url: true}}
  - {name: shell, url: "ssh://host.example.org:22", ssh: {username: a, password: hush-shell}, conditions: ["[CONNECTED] == true"]}
`;

export const BLACKBOX = `
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http:
      valid_status_codes: [200, 204]
      headers: {Host: shop.example.org, Authorization: hush-header}
      basic_auth: {username: probe, password: hush-basic}
      fail_if_body_not_matches_regexp: ["ok"]
      fail_if_header_matches: [{header: X-Debug, regexp: "on", allow_missing: true}]
      preferred_ip_protocol: ip4
      tls_config: {insecure_skip_verify: true, ca_file: /etc/ca.pem}
  ssh_banner: {prober: tcp, tcp: {query_response: [{expect: "^SSH-2.0-", send: "SSH-2.0-probe"}], preferred_ip_protocol: ip6}}
  dns_soa: {prober: dns, dns: {query_name: example.org, query_type: SOA, validate_answer_rrs: {fail_if_matches_regexp: [x]}}}
  unused: {prober: icmp, icmp: {ttl: 5}}
`;

export const PROMETHEUS = `
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: web
    metrics_path: /probe
    scrape_interval: 1m
    scrape_timeout: 10s
    params: {module: [http_2xx]}
    static_configs: [{targets: ["https://shop.example.org/health", "https://user:hush-user@api.example.org/"], labels: {team: shop}}]
    file_sd_configs: [{files: ["/etc/prometheus/targets.json"]}, {files: ["/etc/prometheus/gone.json"]}]
    relabel_configs: [{source_labels: [__address__], target_label: __param_target}]
  - {job_name: ssh, metrics_path: /probe, params: {module: [ssh_banner]}, static_configs: [{targets: ["host.example.org:22"]}]}
  - {job_name: dns, metrics_path: /probe, params: {module: [dns_soa]}, static_configs: [{targets: ["192.0.2.53"]}]}
  - {job_name: nodes, static_configs: [{targets: ["node:9100"]}]}
`;

export const TARGETS = JSON.stringify([{ targets: ["blog.example.org"], labels: { env: "prod" } }]);

export const KUMA = `
CREATE TABLE monitor (id INTEGER PRIMARY KEY, name TEXT, active INTEGER, user_id INTEGER, interval INTEGER, url TEXT, type TEXT,
  weight INTEGER, hostname TEXT, port INTEGER, keyword TEXT, maxretries INTEGER, ignore_tls INTEGER, upside_down INTEGER,
  maxredirects INTEGER, accepted_statuscodes_json TEXT, dns_resolve_type TEXT, dns_resolve_server TEXT, retry_interval INTEGER,
  push_token TEXT, method TEXT, body TEXT, headers TEXT, basic_auth_user TEXT, basic_auth_pass TEXT, auth_method TEXT,
  expiry_notification INTEGER, database_connection_string TEXT, database_query TEXT, parent INTEGER, invert_keyword INTEGER,
  json_path TEXT, json_path_operator TEXT, expected_value TEXT, timeout REAL, packet_size INTEGER, description TEXT, brand_new TEXT);
CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE monitor_tag (id INTEGER PRIMARY KEY, monitor_id INTEGER, tag_id INTEGER, value TEXT);
CREATE TABLE heartbeat (id INTEGER PRIMARY KEY, status INTEGER);
CREATE TABLE notification (id INTEGER PRIMARY KEY, config TEXT);
INSERT INTO tag VALUES (1, 'team');
INSERT INTO monitor_tag VALUES (1, 2, 1, 'shop');
INSERT INTO heartbeat VALUES (1, 1), (2, 0);
INSERT INTO notification VALUES (1, 'hush-notify');
INSERT INTO monitor (id, name, type, active) VALUES (1, 'Core', 'group', 1);
INSERT INTO monitor (id, name, type, url, active, interval, maxretries, timeout, maxredirects, accepted_statuscodes_json, method, headers,
  basic_auth_user, basic_auth_pass, auth_method, keyword, parent, expiry_notification, description, brand_new, weight, retry_interval)
  VALUES (2, 'Shop', 'keyword', 'https://shop.example.org/', 1, 60, 2, 48, 10, '["200-299"]', 'GET', '{"X-Token":"hush-token","X-Plain":"a"}',
  'probe', 'hush-pass', 'basic', 'Welcome', 1, 1, 'text', 'x', 2000, 60);
INSERT INTO monitor (id, name, type, hostname, port, active, interval, timeout) VALUES (3, 'SSH', 'port', 'host.example.org', 22, 0, 20, 16);
INSERT INTO monitor (id, name, type, hostname, dns_resolve_type, dns_resolve_server, port, interval) VALUES (4, 'DNS', 'dns', 'example.org', 'MX', '1.1.1.1,8.8.8.8', 53, 60);
INSERT INTO monitor (id, name, type, database_connection_string, database_query, interval) VALUES (5, 'DB', 'postgres', 'postgres://probe:hush-db@db.example.org:5432/shop', 'SELECT 1', 60);
INSERT INTO monitor (id, name, type, url, json_path, expected_value, json_path_operator, interval) VALUES (6, 'JSON', 'json-query', 'https://api.example.org/', '$count(items)', '3', '==', 60);
INSERT INTO monitor (id, name, type, url, upside_down, interval) VALUES (7, 'Never', 'http', 'https://down.example.org/', 1, 60);
INSERT INTO monitor (id, name, type, push_token, interval) VALUES (8, 'Cron', 'push', 'hush-push', 60);
INSERT INTO monitor (id, name, type, hostname, packet_size, interval) VALUES (9, 'Gate', 'ping', 'gate.example.org', 56, 60);
`;

export const ROBOT_JSON = JSON.stringify({
  stat: "ok",
  pagination: { offset: 0, limit: 50, total: 4 },
  monitors: [
    {
      id: 1,
      friendly_name: "Shop",
      url: "https://shop.example.org/",
      type: 2,
      sub_type: "",
      keyword_type: 2,
      keyword_case_type: 1,
      keyword_value: "Welcome",
      http_username: "probe",
      http_password: "hush-robot",
      http_auth_type: 1,
      http_method: 1,
      interval: 300,
      timeout: 30,
      status: 2,
      create_datetime: 1,
      custom_http_headers: { "X-Api-Key": "hush-custom" },
      alert_contacts: [{ id: "1", value: "ops@example.org" }],
      brand_new: "x",
    },
    {
      id: 2,
      friendly_name: "Port",
      url: "mail.example.org",
      type: 4,
      sub_type: 99,
      port: 2525,
      interval: 60,
      status: 0,
    },
    {
      id: 3,
      friendly_name: "Cron",
      url: "https://heartbeat.uptimerobot.com/hush-beat",
      type: 5,
      interval: 60,
      status: 2,
    },
    { id: 4, friendly_name: "Ping", url: "gate.example.org", type: 3, interval: 60, status: 2 },
  ],
});

export const ROBOT_CSV = `"Id","Friendly Name","URL","Type","Keyword Type","Keyword Value","Interval","Status","Tags","Created At"
"7","Blog, the ""old"" one","https://blog.example.org/","HTTP(s)","","","300","Up","web;old","2026-01-01"
"8","News","https://news.example.org/","Keyword","exists","Error 500","60","Paused","","2026-01-02"
`;
