/** Why a check could not be made at all: says nothing about the target. */
export class Unchecked extends Error {
  readonly reason: string;
  readonly params: Readonly<Record<string, string>>;

  constructor(reason: string, params: Readonly<Record<string, string>> = {}) {
    super(reason);
    this.name = "Unchecked";
    this.reason = reason;
    this.params = params;
  }
}
