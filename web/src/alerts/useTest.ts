/* A test of a channel: what was really answered. Kept while the page is open. */
import { signal } from '@preact/signals';
import { post, problemIn } from '../api/client';
import type { Alert, Problem } from '../api/types';

export interface TestAnswer {
  ok: boolean;
  status: number | null;
  took_ms: number;
  text: string;
  answer: string;
}

interface Test {
  busy: boolean;
  /** When it was answered, in milliseconds. */
  at: number;
  answer: TestAnswer | null;
  problem: Problem | null;
}

export const tests = signal<ReadonlyMap<string, Test>>(new Map());

const keep = (id: string, test: Test): void => {
  tests.value = new Map(tests.value).set(id, test);
};

/** Whether a test of it was not taken, and no alert since: such a channel is not called well. */
export function testFailed(id: string, last?: Pick<Alert, 'at' | 'sent_at'>): boolean {
  const test = tests.value.get(id);
  return test?.answer != null && !test.answer.ok && (!last || Date.parse(last.sent_at ?? last.at) < test.at);
}

export async function testChannel(id: string): Promise<void> {
  keep(id, { busy: true, at: 0, answer: null, problem: null });
  try {
    const answer = await post<TestAnswer>(`/alerts/channels/${id}/test`);
    keep(id, { busy: false, at: Date.now(), answer, problem: null });
  } catch (error) {
    keep(id, { busy: false, at: Date.now(), answer: null, problem: problemIn(error) });
  }
}
