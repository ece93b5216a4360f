/* The accounts as they are, and what can be done to one. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn, put, remove } from '../api/client';
import type { Problem, Right, Role, User, Users } from '../api/types';

/** What can be asked about an account; what it may is changed in its form. */
export type Change = { kind: 'lock' | 'unlock' | 'password' | 'otp' | 'delete'; name: string };

/** What an account may do and see. */
export interface Allowed {
  role: Role;
  scope: string | null;
  given: Right[];
  taken: Right[];
}

/* A blank at the end is left by whoever chose a value from the list. */
const trimmed = <T extends Partial<Allowed>>(allowed: T): T => (allowed.scope ? { ...allowed, scope: allowed.scope.trim() } : allowed);

export const addAccount = (name: string, password: string, allowed: Allowed): Promise<User> =>
  post('/users', { name, password, ...trimmed(allowed) });

const of = (name: string): string => `/users/${encodeURIComponent(name)}`;

/** Writes what is different; the sessions and tokens of the account end. */
export const changeAllowed = (name: string, allowed: Partial<Allowed>): Promise<User> => put(of(name), trimmed(allowed));

/** Does it; every change but an unlock ends the sessions and tokens of that account. */
export async function carryOut({ kind, name }: Change, password: string): Promise<void> {
  if (kind === 'password') await post(`${of(name)}/password`, { password });
  else if (kind === 'otp') await remove(`${of(name)}/otp`);
  else if (kind === 'delete') await remove(of(name));
  else await put(of(name), { locked: kind === 'lock' });
}

export function useAccounts() {
  const users = useSignal<Users | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      users.value = await get<Users>('/users');
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return { users, problem, load };
}
