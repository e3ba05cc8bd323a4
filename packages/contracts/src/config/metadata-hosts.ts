/** Literal addresses of cloud metadata services: refused wherever they are written, whatever is allowed. */
export const METADATA_HOSTS: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "[fd00:ec2::254]",
  "metadata.google.internal",
]);
