/*
 * Records of the audit, the newest first, a page at a time. It is not read again by itself: every reading is a record, and
 * a page that somebody forgot in a tab would write the audit full.
 */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn, url } from '../api/client';
import type { AuditRecord, AuditState, Problem } from '../api/types';

const PAGE = 100;
const SPAN = /^(\d+)s$/;

interface Page {
  records: AuditRecord[];
  next: string | null;
}

/** What stands in the address: a span that ends now (`86400s`), or a time. */
export interface AuditQuery {
  who: string;
  action: string;
  message: string;
  job: string;
  from: string;
  to: string;
}

/** The same for the server: a span becomes the time at which it begins. */
export function asked({ from, to, ...rest }: AuditQuery, now: number): AuditQuery {
  const seconds = SPAN.exec(from)?.[1];
  return {
    ...rest,
    from: seconds ? `${new Date(now - Number(seconds) * 1000).toISOString().slice(0, 19)}Z` : from,
    to: seconds ? '' : to,
  };
}

export const exportAddress = (query: AuditQuery, format: 'csv' | 'jsonl'): string =>
  url('/audit/export', { ...asked(query, Date.now()), format });

export function useAudit(query: AuditQuery) {
  const records = useSignal<AuditRecord[] | null>(null);
  const next = useSignal<string | null>(null);
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const again = useSignal(0);
  /* A span ends when it was chosen: the pages that follow the first are about the same time. */
  const fixed = useSignal(asked(query, Date.now()));
  const key = JSON.stringify(query);
  useEffect(() => {
    const stop = new AbortController();
    fixed.value = asked(query, Date.now());
    busy.value = true;
    get<Page>('/audit', { ...fixed.value, limit: PAGE }, stop.signal)
      .then(
        (page) => {
          records.value = page.records;
          next.value = page.next;
          problem.value = null;
        },
        (error: unknown) => {
          if (!aborted(error)) problem.value = problemIn(error);
        },
      )
      .finally(() => {
        busy.value = false;
      });
    return () => stop.abort();
  }, [key, again.value]);
  const older = async () => {
    if (busy.value || next.value === null) return;
    busy.value = true;
    try {
      const page = await get<Page>('/audit', { ...fixed.value, limit: PAGE, after: next.value });
      records.value = [...(records.value ?? []), ...page.records];
      next.value = page.next;
      problem.value = null;
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return {
    records: records.value,
    problem: problem.value,
    busy: busy.value,
    older: next.value === null ? null : older,
    refresh: () => {
      again.value += 1;
    },
  };
}

/** Whether the chain of records holds, as the server knows. */
export function useAuditState() {
  const state = useSignal<AuditState | null>(null);
  useEffect(() => {
    get<AuditState>('/audit/state').then(
      (found) => {
        state.value = found;
      },
      (error: unknown) => {
        problemIn(error); /* the records are there without it */
      },
    );
  }, []);
  return state.value;
}
