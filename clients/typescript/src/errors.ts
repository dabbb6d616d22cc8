import { Code, ConnectError } from "@connectrpc/connect";

/** What Node's HTTP/2 says of the streams of a connection that is gone. */
const BROKEN = /^http\/2 stream closed with error code CANCEL/;

/** A call that the server refused, or that did not reach it; `code` is gRPC's name, as in FAILED_PRECONDITION. */
export class PixretError extends Error {
  readonly code: string;
  /** Whether the server was away or is about to stop, so that the same call may go through later. */
  readonly unavailable: boolean;

  constructor(cause: ConnectError) {
    const isBroken = isLocal(cause) || BROKEN.test(cause.rawMessage);
    super(isBroken ? `no connection to the server: ${cause.rawMessage}` : cause.rawMessage, { cause });
    this.name = "PixretError";
    const code = isBroken ? Code.Unavailable : cause.code;
    this.code = Code[code].replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase().replace("CANCELED", "CANCELLED");
    this.unavailable = [Code.Unavailable, Code.Canceled].includes(code);
  }
}

/** Whether the connection broke, rather than the server said so: then the error has the operating system's as cause. */
function isLocal(error: ConnectError): boolean {
  const cause = error.cause;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string";
}

/** Turns what a call rejects with into a PixretError; what is not an error of the call stays as it is. */
export function translated(error: unknown): unknown {
  return error instanceof ConnectError ? new PixretError(error) : error;
}
