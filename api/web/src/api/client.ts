/** Asking the server. Answers are JSON; refusals are problem+json with a sentence in the reader's language. */

import { language, words } from "../i18n";
import type { AnswerOf, BodyGiven, BodyOf, QueryOf } from "./paths";
import type { FieldProblem, ProblemBody } from "./types";

export const API = "/api/v1";

/** The server refused, and said why in `message`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly facts: Record<string, unknown> = {},
    readonly fields: FieldProblem[] = [],
  ) {
    super(detail);
  }
}

/** No answer came at all: the link is down, or the server is. Asking again later is right. */
export class NoLink extends Error {
  constructor() {
    super(words().noLink);
  }
}

type Query = object;

export function address(path: string, query: Query = {}): string {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
  return `${API}${path}${text ? `?${text}` : ""}`;
}

/** Called when the server no longer knows who is asking. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

export function get<A extends string>(path: A, query?: QueryOf<A>): Promise<AnswerOf<A, "get">> {
  return ask(address(path, query), {});
}

export function post<A extends string>(path: A, ...[body]: BodyGiven<A, "post">): Promise<AnswerOf<A, "post">> {
  return ask(address(path), { method: "POST", ...json(body) });
}

/** A file as it is, with what is asked of it in the address. */
export function postFile<A extends string>(path: A, query: object, file: File): Promise<AnswerOf<A, "post">> {
  return ask(address(path, query), { method: "POST", body: file });
}

export function put<A extends string>(path: A, body: BodyOf<A, "put">): Promise<AnswerOf<A, "put">> {
  return ask(address(path), { method: "PUT", ...json(body) });
}

export function remove<A extends string>(path: A): Promise<AnswerOf<A, "delete">> {
  return ask(address(path), { method: "DELETE" });
}

/** For what the outbox kept: its path and body were checked when it was made. `lasting` outlives the page. */
export function postKept(path: string, body: unknown, lasting = false): Promise<unknown> {
  return ask(address(path), { method: "POST", keepalive: lasting, ...json(body) });
}

const json = (body: unknown): RequestInit =>
  body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };

async function ask<T>(url: string, given: RequestInit): Promise<T> {
  const answer = await fetchAnswer(url, given);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** The answer itself, for what is not JSON; refusals and a lost link are thrown. */
export async function fetchAnswer(url: string, given: RequestInit): Promise<Response> {
  const headers = new Headers(given.headers);
  headers.set("Accept-Language", language());
  headers.set("Accept", "application/json");
  const answer = await fetch(url, { ...given, headers, credentials: "same-origin" }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new NoLink();
  });
  if (!answer.ok) throw await readProblem(answer);
  return answer;
}

async function readProblem(answer: Response): Promise<Error> {
  const body = (await answer.json().catch(() => null)) as Partial<ProblemBody> | null;
  // A gateway in between answers for a server that is down, in its own words or none.
  if (answer.status >= 502 && !body?.code) return new NoLink();
  if (answer.status === 401 && body?.code === "not-signed-in") onSignedOut();
  return new Problem(
    answer.status,
    body?.code ?? "unknown",
    body?.detail ?? words().unknownProblem,
    body?.facts,
    body?.errors ?? [],
  );
}

/** A mistake of ours, not a refusal or a lost link, belongs in the console where a developer looks. */
export function logSurprise(error: unknown): void {
  if (!(error instanceof Problem || error instanceof NoLink)) console.error(error);
}

/** What to show a person about anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Problem || error instanceof NoLink ? error.message : words().unknownProblem;
}
