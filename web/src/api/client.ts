// SPDX-License-Identifier: Apache-2.0
// The one place that talks HTTP. Paths, parameters and answers are the server's own (schema.d.ts,
// from src/api/openapi.json): a path or a parameter it does not know does not compile.
import type { paths } from "./schema";

declare const __API_URL__: string;

/** Longer than the server lets a request run; a poll that hangs must not hang the page. */
const TIMEOUT_MS = 20_000;

type Method = "get" | "post" | "delete";
type Operation<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer O> ? O : never;
type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends undefined ? never : P;
}[keyof paths];
type Parameters_<P extends keyof paths, M extends Method, In extends "query" | "path"> =
  Operation<P, M> extends { parameters: infer Q }
    ? In extends keyof Q
      ? NonNullable<Q[In]>
      : object
    : object;
type Body<P extends keyof paths> =
  Operation<P, "post"> extends { requestBody?: { content: { "application/json": infer B } } }
    ? B
    : never;
type Json<T> = T extends { content: { "application/json": infer J } } ? J : never;
type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Json<R[Extract<200 | 201, keyof R>]> : never;

export type GetPath = PathWith<"get">;
export type Query<P extends GetPath> = Parameters_<P, "get", "query">;
export type Got<P extends GetPath> = Answer<P, "get">;

/** Nobody answered, or the store behind the server is away: worth trying again. */
export class ServerAway extends Error {
  override readonly name = "ServerAway";
}

/** The server answered and said no; `message` says why, for a person. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

type Values = Record<string, string | number | boolean | undefined>;
interface Request {
  path?: Values | undefined;
  query?: Values | undefined;
  signal?: AbortSignal | undefined;
}

function address(template: string, { path = {}, query = {} }: Request): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return `${__API_URL__}${filled}${text ? `?${text}` : ""}`;
}

async function detailOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    if (typeof problem === "object" && problem && "detail" in problem)
      return String(problem.detail);
  } catch {
    // Not JSON, so not from driftguard: a proxy's page, say.
  }
  return `${response.status} ${response.statusText}`.trim();
}

async function ask(url: string, init: RequestInit, signal?: AbortSignal): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServerAway(
      timeout.aborted ? "The server does not answer." : "The server cannot be reached.",
    );
  }
  if (response.ok) return response.json();
  const detail = await detailOf(response);
  if (response.status >= 500 || response.status === 429) throw new ServerAway(detail);
  throw new Refused(response.status, detail);
}

export async function get<P extends GetPath>(
  template: P,
  {
    signal,
    ...parts
  }: { path?: Parameters_<P, "get", "path">; query?: Query<P>; signal?: AbortSignal } = {},
): Promise<Got<P>> {
  return (await ask(address(template, parts as Request), { method: "GET" }, signal)) as Got<P>;
}

export async function post<P extends PathWith<"post">>(
  template: P,
  parts: {
    path?: Parameters_<P, "post", "path">;
    query?: Parameters_<P, "post", "query">;
    body?: Body<P>;
  } = {},
): Promise<Answer<P, "post">> {
  const { body, ...rest } = parts;
  const init: RequestInit = { method: "POST" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  return (await ask(address(template, rest as Request), init)) as Answer<P, "post">;
}

export async function remove<P extends PathWith<"delete">>(
  template: P,
  parts: { query?: Parameters_<P, "delete", "query"> } = {},
): Promise<Answer<P, "delete">> {
  return (await ask(address(template, parts as Request), { method: "DELETE" })) as Answer<
    P,
    "delete"
  >;
}
