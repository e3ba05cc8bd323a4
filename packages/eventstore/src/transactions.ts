/** A place where a function's changes become visible together, or not at all when it throws. */
export interface Transactions<Tx> {
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
}
