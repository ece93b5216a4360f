/* The sessions of oneself, of a person, or of all. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, problemIn, remove } from '../api/client';
import type { Problem, Session } from '../api/types';
import { say } from '../state/toasts';
import { accountPageWords as A } from '../words/accountPage';

/** Whose: one's own, a person's by name, or all. */
export type Whose = 'mine' | 'all' | { user: string };

export const queryOf = (whose: Whose): { user?: string; all?: string } =>
  whose === 'mine' ? {} : whose === 'all' ? { all: 'true' } : { user: whose.user };

export function useSessions(whose: Whose) {
  const sessions = useSignal<Session[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      sessions.value = (await get<{ sessions: Session[] }>('/sessions', queryOf(whose))).sessions;
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  const attempt = async (work: () => Promise<number>) => {
    try {
      const ended = await work();
      say(A.sessions.ended(ended));
      await load();
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
  }, [typeof whose === 'string' ? whose : whose.user]);
  return {
    sessions,
    problem,
    load,
    end: ({ id }: Session) => attempt(async () => (await remove(`/sessions/${id}`), 1)),
    endAll: () =>
      attempt(async () => {
        const many = sessions.value?.filter((session) => !session.this).length ?? 0;
        await remove('/sessions', undefined, queryOf(whose));
        return many;
      }),
  };
}
