import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its key, as PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Host names and addresses it is for; the common name when absent. */
  readonly names?: readonly string[];
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Who signs it; itself when absent. */
  readonly issuer?: { readonly commonName: string; readonly key: string };
  readonly authority?: boolean;
}

/** An X.509 certificate over a fresh P-256 key, written by hand: tests need every kind of wrong one, at once. */
export function createCertificate(options: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = options.issuer === undefined ? privateKey : createPrivateKey(options.issuer.key);
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name(options.issuer?.commonName ?? options.commonName),
    sequence(time(options.validFromMs), time(options.validToMs)),
    name(options.commonName),
    publicKey.export({ type: "spki", format: "der" }),
    context(3, extensions(options)),
  );
  const der = sequence(body, ECDSA_WITH_SHA256, bitString(signature(body, signer)));
  return { cert: pem(der), key: String(privateKey.export({ type: "pkcs8", format: "pem" })) };
}

const signature = (body: Uint8Array, key: KeyObject): Uint8Array => sign("sha256", body, key);

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const size = content.length;
  const head = size < 128 ? [tag, size] : size < 256 ? [tag, 0x81, size] : [tag, 0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
const context = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => der(0xa0 + number, ...parts);
const integer = (bytes: Uint8Array): Uint8Array => der(0x02, bytes);
const oid = (hex: string): Uint8Array => der(0x06, Buffer.from(hex, "hex"));
const octets = (bytes: Uint8Array): Uint8Array => der(0x04, bytes);
const bitString = (bytes: Uint8Array): Uint8Array => der(0x03, Buffer.from([0]), bytes);
const name = (text: string): Uint8Array => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(digits.slice(2)));
}

function extensions(options: CertificateOptions): Uint8Array {
  const names = (options.names ?? [options.commonName]).map((each) =>
    isIP(each) === 4 ? der(0x87, Buffer.from(each.split(".").map(Number))) : der(0x82, Buffer.from(each)),
  );
  const alternatives = sequence(oid("551d11"), octets(sequence(...names)));
  const authority = sequence(
    oid("551d13"),
    der(0x01, Buffer.from([255])),
    octets(sequence(der(0x01, Buffer.from([255])))),
  );
  return options.authority === true ? sequence(authority) : sequence(alternatives);
}

function pem(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
