/* Who is signed in, and what he may do. The server decides; what he may not do is only not offered. */
import { computed, signal } from '@preact/signals';
import { get, onSignedOut, post, problemIn } from '../api/client';
import type { Me, Problem, Right } from '../api/types';

/** undefined: not known yet. null: nobody. */
export const me = signal<Me | null | undefined>(undefined);
export const sessionProblem = signal<Problem | null>(null);

/** Where a right password is not enough: what the code of the second step answers. */
export const challenge = signal<string | null>(null);

const may = (right: Right) => computed(() => me.value?.rights.includes(right) ?? false);

export const mayAct = may('operator');
export const mayRead = may('content');
export const mayPause = may('pauses');
export const maySet = may('settings');
export const mayAccounts = may('accounts');
export const mayAudit = may('audit');
/** The part of the queue that he sees, as a filter; null: all of it. */
export const scope = computed(() => me.value?.scope ?? null);
/** Flush is about all mail. */
export const mayFlush = computed(() => mayAct.value && scope.value === null);

/* As whom the page was opened. What it has read by then must not be seen by another. */
let opened = '';

function enter(now: Me): void {
  const who = JSON.stringify([now.name, now.rights, now.scope]);
  if (opened !== '' && opened !== who) location.reload();
  opened = who;
  me.value = now;
}

/** Takes the one-time secret out of the address (`#login=...`), so that it is not copied or kept in the history. */
function takeOnce(): string | null {
  const found = /^#login=([^&]+)$/.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    return decodeURIComponent(found[1]!);
  } catch {
    return found[1]!; /* a link that was cut in two: the server says that it is none */
  }
}

async function attempt(work: () => Promise<Me>): Promise<boolean> {
  try {
    enter(await work());
    sessionProblem.value = null;
    challenge.value = null;
    return true;
  } catch (error) {
    const problem = problemIn(error);
    if (problem.code === 'otp_needed') {
      challenge.value = problem.challenge ?? null;
      sessionProblem.value = null;
      return false;
    }
    if (problem.code === 'otp_challenge_ended') challenge.value = null;
    if (problem.code !== 'not_authenticated') sessionProblem.value = problem;
    /* A server that doesn't answer says nothing of who is signed in. */
    if (problem.code !== 'unreachable' || me.value === undefined) me.value = me.value ?? null;
    return false;
  }
}

/* A link that is opened where the sign-in page is already shown changes the fragment alone: nothing is loaded anew. */
function takeLater(): void {
  if (me.value !== null) return;
  const once = takeOnce();
  if (once !== null) void attempt(() => post<Me>('/login', { once }));
}

export async function startSession(): Promise<void> {
  onSignedOut((problem) => {
    /* The proxy that said who it is leads to its sign-in, and back to this address. */
    if (me.value?.via === 'proxy') location.reload();
    if (me.value) sessionProblem.value = problem;
    me.value = null;
  });
  addEventListener('hashchange', takeLater);
  const once = takeOnce();
  if (once !== null && (await attempt(() => post<Me>('/login', { once })))) return;
  const failed = sessionProblem.value;
  await readMe();
  if (me.value === null) sessionProblem.value = failed ?? sessionProblem.value;
}

export const signIn = (name: string, password: string): Promise<boolean> => attempt(() => post<Me>('/login', { name, password }));

/** The second step: six digits, or a recovery code. */
export const signInCode = (code: string): Promise<boolean> => attempt(() => post<Me>('/login/otp', { challenge: challenge.value, code }));

/** Reads again who is signed in: what had to be done first is done. */
export const readMe = (): Promise<boolean> => attempt(() => get<Me>('/me'));

export async function signOut(): Promise<void> {
  /* At the proxy or issuer that said who it is, somebody is still signed in. */
  const leads = me.value?.logout_url;
  try {
    await post('/logout');
  } catch (error) {
    sessionProblem.value = problemIn(error);
    if (sessionProblem.value.code !== 'not_authenticated') return;
  }
  if (leads) {
    location.assign(leads);
    return;
  }
  me.value = null;
  sessionProblem.value = null;
}
