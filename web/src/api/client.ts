/* One way to speak to the server. Every failure comes out as an ApiProblem, which carries the server's own words. */
import { W } from '../words';
import { translated } from '../words/translated';
import { path } from './place';
import type { Problem } from './types';

export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

const BASE = path('/api/v1');
let whenSignedOut: (problem: Problem) => void = () => {};

/** Names who is told when the server answers that nobody is signed in. */
export function onSignedOut(listener: (problem: Problem) => void): void {
  whenSignedOut = listener;
}

const own = (code: 'unreachable' | 'unreadable', status: number, detail: string): ApiProblem =>
  new ApiProblem({ title: W.problem.title, status, detail, code, reference: '' });

type Query = Record<string, string | number | undefined>;

export function url(of: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return `${BASE}${of}${text ? `?${text}` : ''}`;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  if (!(response.headers.get('Content-Type') ?? '').startsWith('application/problem+json')) {
    const refused = own('unreadable', response.status, W.problem.unreadable(response.status));
    /* Of a proxy in front, which has single sign-on: nobody is signed in there any more. */
    if (response.status === 401) whenSignedOut(refused.problem);
    return refused;
  }
  const problem = translated((await response.json()) as Problem);
  if (problem.code === 'not_authenticated') whenSignedOut(problem);
  return new ApiProblem(problem);
}

async function send(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Postroom'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw own('unreachable', 0, W.problem.unreachable);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return translated((await (await send('GET', url(path, query), undefined, signal)).json()) as T);
}

/** Gets a body as text: parts of messages and raw sources. */
export async function getText(path: string, query: Query = {}, signal?: AbortSignal): Promise<string> {
  return (await send('GET', url(path, query), undefined, signal)).text();
}

export async function post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send('POST', url(path), body, signal);
  return translated((response.status === 204 ? undefined : await response.json()) as T);
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return translated((await (await send('PUT', url(path), body)).json()) as T);
}

export async function remove(path: string, body?: unknown, query: Query = {}): Promise<void> {
  await send('DELETE', url(path, query), body);
}

/** Gives something back to the server; nobody waits for it and a failure is of no matter. */
export function release(path: string): void {
  send('DELETE', url(path), undefined).catch(() => {});
}

/** The problem in an error that was caught; anything but an ApiProblem is a fault of the page and goes on up. */
export function problemIn(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  throw error;
}

export const aborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';
