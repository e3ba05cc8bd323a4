/** The part of pg that the SQL check uses; the package brings no types of its own. */
declare module "pg" {
  import type { EventEmitter } from "node:events";
  import type { Duplex } from "node:stream";

  export interface Field {
    readonly name: string;
  }

  interface QueryEvents {
    readonly row: [row: readonly (string | null)[], result: { readonly fields: readonly Field[] }];
    readonly end: [result: { readonly fields: readonly Field[] }];
    readonly error: [error: Error];
  }

  export class Query extends EventEmitter<QueryEvents> {
    constructor(config: {
      readonly text: string;
      readonly rowMode: "array";
      /** Rows of one portion; the next is asked for when it is read. */
      readonly rows: number;
      readonly types: { readonly getTypeParser: () => (text: string) => string };
    });
  }

  export class Client extends EventEmitter<{ readonly error: [error: Error] }> {
    constructor(config: {
      readonly stream: () => Duplex;
      readonly host: string;
      readonly user: string;
      readonly database: string;
      /** A function, because an empty text would be filled from the environment. */
      readonly password: () => string;
      readonly ssl: false;
      readonly application_name: string;
    });
    connect(): Promise<unknown>;
    query(text: string): Promise<unknown>;
    query(query: Query): Query;
    end(): Promise<void>;
  }
}
