/** The part of autocannon that the benchmarks use; the package brings no types. */
declare module "autocannon" {
  function autocannon(options: autocannon.Options): Promise<autocannon.Result>;

  namespace autocannon {
    interface Options {
      readonly url: string;
      readonly connections: number;
      /** Seconds. */
      readonly duration: number;
    }

    interface Result {
      readonly requests: { readonly average: number };
      /** Milliseconds. */
      readonly latency: { readonly p99: number };
      readonly non2xx: number;
      readonly errors: number;
    }
  }

  export default autocannon;
}
