/* The rule that a first channel comes with: so that it is told something without a word about rules. */
import { ApiProblem } from '../api/client';
import type { AlertRule } from '../api/types';
import { alertsPageWords as A } from '../words/alerts';
import { readRules, writeRules } from './useAlerts';

const ID = 'everything';
const AGAIN_S = 4 * 3600;

const everything = (channel: string): AlertRule => ({
  id: ID,
  name: A.fields.everythingRule,
  enabled: true,
  kinds: [],
  severities: ['act'],
  key: null,
  channels: [channel],
  hours: null,
  quiet: null,
  group: 'none',
  group_wait_s: 0,
  repeat_s: AGAIN_S,
  resolved: true,
});

/** The rules, with a channel that is told of everything. */
export const withEverything = (rules: readonly AlertRule[], channel: string): AlertRule[] =>
  rules.some(({ id }) => id === ID)
    ? rules.map((rule) => (rule.id === ID && !rule.channels.includes(channel) ? { ...rule, channels: [...rule.channels, channel] } : rule))
    : [...rules, everything(channel)];

/** Where it is refused the channel is there all the same, and says that no rule uses it. */
export async function tellOfEverything(channel: string): Promise<void> {
  try {
    const { revision, rules } = await readRules();
    await writeRules(revision, withEverything(rules, channel));
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}
