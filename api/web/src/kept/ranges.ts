/**
 * What a Range header asks of a file (RFC 9110, section 14). Only the service worker uses this, so that it stays one file.
 */

/** First and last byte; `whole` where the header asks for nothing that we serve in part; `none` where nothing is there. */
export type Asked = { kind: "part"; start: number; end: number } | { kind: "whole" } | { kind: "none" };

const ONE_RANGE = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i;

export function readRange(header: string | null, size: number): Asked {
  const found = ONE_RANGE.exec(header ?? "");
  // Several ranges at once, other units and what cannot be read are ignored, which the standard allows.
  if (!found || (found[1] === "" && found[2] === "")) return { kind: "whole" };
  const [first, last] = [found[1], found[2]].map((digits) => (digits ? Number(digits) : null));
  if (first === null) return part(Math.max(0, size - (last ?? 0)), size - 1);
  if (typeof last === "number" && last < (first ?? 0)) return { kind: "whole" };
  return part(first ?? 0, Math.min(last ?? size - 1, size - 1));
}

function part(start: number, end: number): Asked {
  return start > end ? { kind: "none" } : { kind: "part", start, end };
}

/** One piece of a file with the bytes of it that are wanted, `from` up to before `to`. */
export interface Share {
  piece: number;
  from: number;
  to: number;
}

/** Which pieces of equal size hold the bytes `start..end`, both included, and which part of each. */
export function sharesOf(start: number, end: number, pieceBytes: number): Share[] {
  const shares: Share[] = [];
  for (let piece = Math.floor(start / pieceBytes); piece * pieceBytes <= end; piece++) {
    const before = piece * pieceBytes;
    shares.push({ piece, from: Math.max(0, start - before), to: Math.min(pieceBytes, end + 1 - before) });
  }
  return shares;
}
