/** Host and port as Go splits them: an IPv6 address stands in brackets. Undefined where there is no port. */
export function splitHostPort(target: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(target) ?? [];
  const number = Number(port);
  return port === undefined || number > 65_535 ? undefined : { host: bracketed ?? plain ?? "", port: number };
}
