/* What Ctrl-K can find, each with what happens when it is chosen. */
import { pageAt } from '../api/place';
import type { Group, Incident, Job, SavedView, SettingName } from '../api/types';
import { term } from '../lib/filter';
import { traceText } from '../lib/traceText';
import { askFlush, askForMarked } from '../state/actions';
import { paused, setPaused } from '../state/live';
import { changeFilter, marked } from '../state/marks';
import { askPause } from '../state/pauses';
import { go, goTo, hrefOf, page } from '../state/route';
import { mayAct, mayAudit, mayFlush, mayAccounts, mayPause, scope } from '../state/session';
import { refresh } from '../state/view';
import { builtInViews } from '../queue/builtInViews';
import { W } from '../words';
import { paletteWords as P } from '../words/palette';
import { settingsPageWords as S } from '../words/settings';

export interface Item {
  kind: keyof typeof P.kind;
  title: string;
  /** A few more words, not bold. */
  more?: string;
  /** Further words that it is found by. */
  words?: string;
  run: () => void;
}

const filterBy = (text: string): void => (page.value === 'queue' ? changeFilter(text) : goTo(hrefOf({ filter: text })));

const alertsPages = (): Item[] => [
  { kind: 'page', title: W.nav.alerts, more: P.alerts, run: () => goTo(hrefOf({ page: 'alerts' })) },
  ...(['silences', 'channels', 'rules'] as const).map((tab): Item => ({
    kind: 'page',
    title: P.alertsTab[tab],
    run: () => goTo(hrefOf({ page: 'alerts', tab })),
  })),
];

export function actions(): Item[] {
  const count = marked.value;
  const items: Item[] = [
    { kind: 'page', title: W.nav.queue, run: () => goTo(hrefOf({})) },
    { kind: 'page', title: W.jobs.name, run: () => go({ jobs: 'all' }, true) },
    ...(scope.value === null ? alertsPages() : []),
    { kind: 'page', title: W.nav.settings, run: () => goTo(hrefOf({ page: 'settings' })) },
    { kind: 'page', title: W.title.account, run: () => goTo(hrefOf({ page: 'account' })) },
    { kind: 'page', title: W.title.runbook, run: () => goTo(hrefOf({ page: 'runbook' })) },
    { kind: 'page', title: W.nav.help, run: () => goTo(hrefOf({ page: 'help' })) },
    { kind: 'action', title: P.refresh, run: () => void refresh() },
    { kind: 'action', title: paused.value ? W.live.goOn : W.live.pause, run: () => setPaused(!paused.value) },
    { kind: 'action', title: W.copyLink, run: () => void navigator.clipboard?.writeText(location.href) },
  ];
  for (const [may, to] of [
    [mayAccounts, 'accounts'],
    [mayAudit, 'audit'],
  ] as const)
    if (may.value) items.push({ kind: 'page', title: W.title[to], run: () => goTo(hrefOf({ page: to })) });
  if (mayPause.value) items.push({ kind: 'action', title: W.holdBack, more: W.holdBackTitle, run: () => askPause() });
  if (mayFlush.value) items.push({ kind: 'action', title: W.flush.name, more: 'postqueue -f', run: askFlush });
  if (!mayAct.value) return items;
  /* Only for what is marked: an action needs its messages first. */
  if (count > 0 && page.value === 'queue')
    for (const action of ['retry', 'hold', 'release', 'requeue', 'bounce', 'delete'] as const)
      items.unshift({
        kind: 'action',
        title: P.onMarked(W.actions[action].name, count),
        more: W.actions[action].command,
        run: () => askForMarked(action),
      });
  return items;
}

export const settings = (): Item[] =>
  (Object.keys(S.what) as SettingName[]).map((name) => ({
    kind: 'setting',
    title: name,
    more: S.what[name],
    run: () => goTo(hrefOf({ page: 'settings' })),
  }));

export const ofJobs = (jobs: Job[]): Item[] =>
  jobs.map((job) => ({
    kind: 'job',
    title: W.jobs.title(job.id, W.actions[job.action].name, job.total),
    more: [job.by, job.filter, job.note].filter(Boolean).join(', '),
    run: () => go({ jobs: String(job.id) }, true),
  }));

export const ofIncidents = (incidents: Incident[]): Item[] =>
  incidents.map((incident) => ({
    kind: 'incident',
    title: incident.title,
    more: incident.text,
    words: incident.subject.key ?? '',
    run: () => goTo(hrefOf({ page: 'incident', id: incident.id })),
  }));

export const ofCauses = (groups: Group[]): Item[] =>
  groups.flatMap((group) =>
    group.diagnosis && group.filter
      ? [
          {
            kind: 'cause' as const,
            title: group.diagnosis.title,
            more: P.queued(group.messages),
            run: () => filterBy(group.filter!),
          },
        ]
      : [],
  );

export const ofViews = (views: SavedView[]): Item[] => [
  ...views.map((view): Item => ({ kind: 'view', title: view.name, more: W.views.by(view.by), run: () => goTo(pageAt(view.address)) })),
  ...builtInViews().map((view): Item => ({
    kind: 'view',
    title: view.name,
    run: () => goTo(hrefOf({ filter: view.filter, sort: view.sort })),
  })),
];

export const ofAddress = (field: 'from' | 'to', address: string, messages: number | null): Item => ({
  kind: field,
  title: address === '' ? W.nullSender : address,
  more: messages === null ? undefined : P.queued(messages),
  run: () => filterBy(term(field, address, true)),
});

/** What the text itself can be: an ID, an address or a domain; and always a filter. */
export function ofText(text: string): Item[] {
  const items: Item[] = [];
  const traced = traceText(text);
  if (traced && !/[@.]/.test(traced))
    items.push({ kind: 'id', title: traced, more: P.openMessage, run: () => goTo(hrefOf({ page: 'message', id: traced })) });
  else if (traced)
    items.push({
      kind: 'log',
      title: traced,
      more: P.queueAndLog,
      run: () => filterBy(text.includes(':') ? text : term('to', traced)),
    });
  if (traced && /[@.]/.test(traced))
    items.push({ kind: 'log', title: traced, more: P.asSender, run: () => filterBy(term('from', traced)) });
  if (text !== '') items.push({ kind: 'filter', title: text, more: P.asFilter, run: () => filterBy(text) });
  return items;
}

/** The items that have every word of a text, those first whose title begins with it. */
export function matching(items: Item[], text: string): Item[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (item: Item): number => {
    const title = item.title.toLowerCase();
    const all = `${title} ${item.more ?? ''} ${item.words ?? ''} ${P.kind[item.kind]}`.toLowerCase();
    if (!wanted.every((word) => all.includes(word))) return -1;
    return title.startsWith(wanted[0] ?? '') ? 2 : wanted.every((word) => title.includes(word)) ? 1 : 0;
  };
  return items
    .map((item) => ({ item, by: rank(item) }))
    .filter(({ by }) => by >= 0)
    .sort((a, b) => b.by - a.by)
    .map(({ item }) => item);
}
