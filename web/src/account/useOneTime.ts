/* The one-time password of who is signed in: whether there is one, and setting one up. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn } from '../api/client';
import type { OneTime, OneTimeSecret, Problem } from '../api/types';

export function useOneTime() {
  const state = useSignal<OneTime | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      state.value = await get<OneTime>('/me/otp');
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return { state, problem, load };
}

/** A new secret each time that it is begun; it counts when a code of it has been confirmed. */
export function useSetUp() {
  const secret = useSignal<OneTimeSecret | null>(null);
  const codes = useSignal<string[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  const begin = (present: string) =>
    attempt(async () => {
      secret.value = await post<OneTimeSecret>('/me/otp', { present_password: present });
    });
  const confirm = (code: string) =>
    attempt(async () => {
      codes.value = (await post<{ codes: string[] }>('/me/otp/confirm', { code })).codes;
    });
  return { secret, codes, problem, begin, confirm };
}
