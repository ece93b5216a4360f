/* Tokens of oneself, of a person, or of all. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, post, problemIn, remove } from '../api/client';
import type { Allowed } from '../accounts/useAccounts';
import type { Problem, Token, Users } from '../api/types';
import type { Whose } from './useSessions';

export interface NewToken extends Allowed {
  name: string;
  valid_seconds: number;
}
/** What roles are allowed, as the server has it. */
export type RightsTable = Pick<Users, 'roles' | 'scope_takes'>;
export interface MadeToken {
  token: string;
  info: Token;
}

export const makeToken = (wanted: NewToken): Promise<MadeToken> => post('/tokens', wanted);
export const endToken = ({ id }: Token): Promise<void> => remove(`/tokens/${id}`);

export function useTokens(whose: Whose) {
  const tokens = useSignal<Token[] | null>(null);
  const table = useSignal<RightsTable | null>(null);
  /* How long whoever has no account may stay away, in seconds. */
  const away = useSignal<number | null>(null);
  const problem = useSignal<Problem | null>(null);
  const load = async () => {
    try {
      const {
        tokens: all,
        away_seconds: seconds,
        ...rights
      } = await get<{ tokens: Token[]; away_seconds: number | null } & RightsTable>('/tokens', whose === 'mine' ? {} : { all: 'true' });
      away.value = seconds;
      tokens.value = typeof whose === 'string' ? all : all.filter(({ owner }) => owner === whose.user);
      table.value = rights;
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    }
  };
  useEffect(() => {
    void load();
  }, [typeof whose === 'string' ? whose : whose.user]);
  return { tokens, table, away, problem, load };
}
