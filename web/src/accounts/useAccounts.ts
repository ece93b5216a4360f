/* The accounts as they are, and what can be done to one. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn, put, remove } from '../api/client';
import type { Problem, Role, User } from '../api/types';

export type Change = { kind: 'role'; name: string; role: Role } | { kind: 'lock' | 'unlock' | 'password' | 'delete'; name: string };

export const addAccount = (name: string, role: Role, password: string): Promise<User> => post('/users', { name, role, password });

/** Does it; every change ends the sessions and tokens of that account. */
export async function carryOut(change: Change, password: string): Promise<void> {
  const path = `/users/${change.name}`;
  if (change.kind === 'role') await put(path, { role: change.role });
  else if (change.kind === 'password') await post(`${path}/password`, { password });
  else if (change.kind === 'delete') await remove(path);
  else await put(path, { locked: change.kind === 'lock' });
}

export function useAccounts() {
  const users = useSignal<User[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      users.value = (await get<{ users: User[] }>('/users')).users;
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
