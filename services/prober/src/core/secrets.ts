/** The value of a secret that a monitor names, or undefined; never kept, logged or shown. */
export type SecretSource = (name: string) => string | undefined;
