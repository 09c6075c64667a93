/**
 * Which address takes what and answers what, read off the generated contract at compile time: asking for
 * `/sessions/${id}` gives that route's own answer, and an address or a body that the server does not know is an error.
 */

import type { paths } from "./openapi";

type Prefix = "/api/v1";
type Method = "get" | "post" | "put" | "delete";

/** "/sessions/{session_id}/points" as the type of every address it stands for. */
type Filled<P extends string> = P extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : P;

/** The route that an address belongs to: the one whose pattern is exactly the address's type. */
type RouteOf<A extends string> = A extends string
  ? {
      [R in keyof paths]: `${Prefix}${A}` extends Filled<R> ? (Filled<R> extends `${Prefix}${A}` ? R : never) : never;
    }[keyof paths]
  : never;

type Operation<A extends string, M extends Method> = paths[RouteOf<A>][M];

type Body<Answer> = Answer extends { content: { "application/json": infer T } } ? T : undefined;

/** What the route answers when all went well. */
export type AnswerOf<A extends string, M extends Method> =
  Operation<A, M> extends { responses: infer R }
    ? Body<R extends { 200: infer T } ? T : R extends { 201: infer T } ? T : undefined>
    : never;

/** The query it takes; every part may be left out or be null, which leaves it out too. */
export type QueryOf<A extends string> =
  Operation<A, "get"> extends { parameters: { query?: infer Q } } ? { [N in keyof Q]?: Q[N] | null } : never;

/** The body it wants, or none. */
export type BodyOf<A extends string, M extends Method> =
  Operation<A, M> extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;

/** What is handed to it as arguments: the body it wants, the one it takes if there is one, or none. */
export type BodyGiven<A extends string, M extends Method> =
  BodyOf<A, M> extends undefined
    ? Operation<A, M> extends { requestBody?: never }
      ? []
      : Operation<A, M> extends { requestBody?: { content: { "application/json": infer B } } }
        ? [body?: B]
        : []
    : [body: BodyOf<A, M>];
