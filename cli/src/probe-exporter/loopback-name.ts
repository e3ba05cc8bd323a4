/** True for names and addresses that mean this machine and cannot be made to mean another. */
export const isLoopbackName = (host: string): boolean =>
  host === "localhost" || /^127(?:\.\d{1,3}){3}$/.test(host) || host === "::1" || host === "[::1]";
