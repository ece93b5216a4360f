/* Who is signed in. */
import { computed, signal } from '@preact/signals';
import { get, onSignedOut, post, problemIn } from '../api/client';
import type { Me, Problem } from '../api/types';

/** undefined: not known yet. null: nobody. */
export const me = signal<Me | null | undefined>(undefined);
export const sessionProblem = signal<Problem | null>(null);

export const mayAct = computed(() => me.value?.rights.includes('operator') ?? false);
export const mayRead = computed(() => me.value?.rights.includes('content') ?? false);
export const mayAdmin = computed(() => me.value?.rights.includes('admin') ?? false);

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
    me.value = await work();
    sessionProblem.value = null;
    return true;
  } catch (error) {
    const problem = problemIn(error);
    if (problem.code !== 'not_authenticated') sessionProblem.value = problem;
    /* A server that doesn't answer says nothing of who is signed in. */
    if (problem.code !== 'unreachable' || me.value === undefined) me.value = me.value ?? null;
    return false;
  }
}

export async function startSession(): Promise<void> {
  onSignedOut((problem) => {
    if (me.value) sessionProblem.value = problem;
    me.value = null;
  });
  const once = takeOnce();
  if (once !== null && (await attempt(() => post<Me>('/login', { once })))) return;
  const failed = sessionProblem.value;
  await attempt(() => get<Me>('/me'));
  if (me.value === null) sessionProblem.value = failed ?? sessionProblem.value;
}

export const signIn = (name: string, password: string): Promise<boolean> => attempt(() => post<Me>('/login', { name, password }));

export async function signOut(): Promise<void> {
  try {
    await post('/logout');
  } catch (error) {
    sessionProblem.value = problemIn(error);
    if (sessionProblem.value.code !== 'not_authenticated') return;
  }
  me.value = null;
  sessionProblem.value = null;
}
