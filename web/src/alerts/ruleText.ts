/* A rule as one sentence: what goes where, when, how often. */
import type { AlertHours, AlertRule } from '../api/types';
import { andList, orList } from '../lib/format';
import { W } from '../words';
import { alertsPageWords as A } from '../words/alerts';
import type { Alerts } from './useAlerts';

const S = A.sentence;
const SEVERITIES = ['act', 'watch', 'note'] as const;
/* Where none is chosen: what is only to know calls nobody. */
const USUAL: AlertRule['severities'] = ['act', 'watch'];

const DAYS = Object.keys(A.rules.day) as AlertHours['days'];

/** What a channel is called, by its ID. */
export const nameIn =
  ({ channels }: Alerts['channels']) =>
  (id: string): string =>
    channels.find((channel) => channel.id === id)?.name ?? A.sent.gone(id);

/** Days that follow each other are a span: Mon to Fri. */
export function daysText(days: AlertHours['days']): string {
  const at = DAYS.filter((day) => days.includes(day)).map((day) => DAYS.indexOf(day));
  if (at.length > 2 && at.at(-1)! - at[0]! === at.length - 1) return S.daySpan(A.rules.day[DAYS[at[0]!]!], A.rules.day[DAYS[at.at(-1)!]!]);
  return andList(at.map((index) => A.rules.day[DAYS[index]!]));
}

export function hoursText({ from, to, days, outside }: AlertHours): string {
  const time = from === to ? S.allDay : outside ? S.outside(from, to) : S.between(from, to);
  const some = days.length > 0 && days.length < DAYS.length;
  return some ? S.on(time, daysText(days)) : time;
}

function whatText({ severities, kinds, key }: AlertRule): string {
  const chosen = severities.length > 0 ? severities : USUAL;
  const what = orList(SEVERITIES.filter((severity) => chosen.includes(severity)).map((severity) => S.severities[severity]));
  const kind = kinds.length === 0 ? S.anyKind : S.ofKinds(orList(kinds.map((each) => W.incidents.kind[each])));
  return key ? S.incidentsAbout(what, kind, key) : S.incidents(what, kind);
}

/** "Incidents that need somebody, of any kind, go to Pager: at once, again every 4 hours and when they are over." */
export function ruleText(rule: AlertRule, nameOf: (id: string) => string): string {
  const where = rule.channels.length > 0 ? S.goTo(andList(rule.channels.map(nameOf))) : S.nowhere;
  const pace = andList(
    [
      rule.group_wait_s > 0 ? S.after(rule.group_wait_s) : S.atOnce,
      rule.group === 'kind' ? S.byKind : rule.group === 'all' ? S.asOne : '',
      rule.repeat_s > 0 ? S.again(rule.repeat_s) : S.once,
      rule.resolved ? S.ends : '',
    ].filter(Boolean),
  );
  const only = rule.hours ? S.only(hoursText(rule.hours)) : '';
  const quiet = rule.quiet ? S.quiet(hoursText(rule.quiet)) : '';
  return [S.rule(whatText(rule), where, pace), only, quiet].filter(Boolean).join(' ');
}
