/*
 * Everything that one sees is in the address, so that a copied link shows the same. The page is always at one path; what
 * it shows is in the query: ?page=settings, ?filter=queue:hold&sort=-size&open=ABC, ?page=message&id=ABC,
 * ?page=incident&id=7, ?page=alerts&tab=rules, ?page=runbook&id=flood, ?page=audit&who=anna&job=12.
 */
import { computed, signal } from '@preact/signals';
import { HERE } from '../api/place';
import type { Sort } from '../api/types';

const PAGES = ['queue', 'message', 'incident', 'alerts', 'settings', 'account', 'accounts', 'audit', 'help', 'runbook'] as const;
export type PageName = (typeof PAGES)[number];

export interface Route {
  page: PageName;
  filter: string;
  sort: Sort;
  /** Messages that are open in place, by queue ID. */
  open: string[];
  /** The message of the message page, the incident of the incident page, the runbook, the account. */
  id: string;
  /** The tab of the message page, of the alerts, of the accounts. */
  tab: string;
  /** Of what was sent: by this channel, in this state. */
  channel: string;
  state: string;
  /** Of the audit: by this person, of this kind, about this message or job, between these times. */
  who: string;
  action: string;
  message: string;
  job: string;
  from: string;
  to: string;
  /** Of the depth chart: a span such as 24h, or two times in seconds, `from-to`. */
  range: string;
  /** What the chart shows, `what.by` (web/src/chart/lines.ts). */
  chart: string;
  /** Whether the jobs are open, and which one: '', 'all' or its number. */
  jobs: string;
}

const SORTS = ['arrival', 'size', 'sender', 'next_retry', 'recipients', 'id'];
const DEFAULTS: Route = {
  page: 'queue',
  filter: '',
  sort: '-arrival',
  open: [],
  id: '',
  tab: 'text',
  channel: '',
  state: '',
  who: '',
  action: '',
  message: '',
  job: '',
  from: '',
  to: '',
  range: '24h',
  chart: 'depth.queue',
  jobs: '',
};
const MOST_OPEN = 20; /* so that a link stays a link */

export function parseRoute(search: string): Route {
  const params = new URLSearchParams(search);
  const text = (name: keyof Route): string => params.get(name) ?? String(DEFAULTS[name]);
  const page = PAGES.find((name) => name === params.get('page')) ?? 'queue';
  const sort = text('sort');
  return {
    page,
    filter: params.get('filter') ?? '',
    sort: (SORTS.includes(sort.replace(/^-/, '')) ? sort : DEFAULTS.sort) as Sort,
    open: (params.get('open') ?? '')
      .split(',')
      .filter((id) => /^[0-9A-Za-z]{6,64}$/.test(id))
      .slice(0, MOST_OPEN),
    id: params.get('id') ?? '',
    tab: text('tab'),
    channel: text('channel'),
    state: text('state'),
    who: text('who'),
    action: text('action'),
    message: text('message'),
    job: text('job'),
    from: text('from'),
    to: text('to'),
    range: text('range'),
    chart: text('chart'),
    jobs: text('jobs'),
  };
}

/** The address of a route; what stands at its default is left out. */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) {
    const text = Array.isArray(value) ? value.slice(0, MOST_OPEN).join(',') : String(value);
    const usual = DEFAULTS[name as keyof Route];
    if (text !== (Array.isArray(usual) ? usual.join(',') : usual)) params.set(name, text);
  }
  const query = params.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%40', '@');
  return query ? `${HERE}?${query}` : HERE;
}

export const route = signal<Route>({ ...DEFAULTS });
export const page = computed(() => route.value.page);
export const filter = computed(() => route.value.filter);
export const sort = computed(() => route.value.sort);

/** Where a link to a changed route leads. */
export const href = (change: Partial<Route>): string => formatRoute({ ...route.value, ...change });

/** A link to another page carries nothing of this one but the jobs drawer. */
export const hrefOf = (change: Partial<Route>): string => formatRoute({ ...DEFAULTS, jobs: route.value.jobs, ...change });

/** The whole address of a page, to give to somebody: without what else is open here. */
export const linkTo = (change: Partial<Route>): string => new URL(formatRoute({ ...DEFAULTS, ...change }), location.origin).href;

/*
 * The queue as one left it (its filter, order, open rows) lies under every other page, one level back. Each entry of the
 * browser's history remembers it, so that it outlives a reload, and whether it is the entry just before.
 */
interface Under {
  queue: string;
  before: boolean;
}

function underOf(state: unknown): Under {
  const { queue, before } = (state ?? {}) as Partial<Under>;
  return { queue: typeof queue === 'string' && queue.split('?')[0] === HERE ? queue : formatRoute(DEFAULTS), before: before === true };
}

/** The address of the queue that lies under the page. */
export const queueBelow = (): string => (page.value === 'queue' ? formatRoute(route.value) : underOf(history.state).queue);

function step(replace: boolean, address: string): void {
  const under = underOf(history.state);
  const next: Under =
    page.value === 'queue' ? { queue: formatRoute(route.value), before: true } : { queue: under.queue, before: replace && under.before };
  if (replace) history.replaceState(page.value === 'queue' ? null : next, '', address);
  else history.pushState(next, '', address);
}

/** One level up: from any page to the queue as one left it, never out of the product. */
export function levelUp(): void {
  if (page.value === 'queue') return;
  const { queue, before } = underOf(history.state);
  if (before) history.back();
  else goTo(queue);
}

/** Changes the address. `replace` for what is no step of its own: opening rows, the order of a table. */
export function go(change: Partial<Route>, replace = false): void {
  const next = { ...route.value, ...change };
  const address = formatRoute(next);
  if (address === formatRoute(route.value)) return;
  step(replace, address);
  route.value = next;
}

export function goTo(address: string): void {
  step(false, address);
  route.value = parseRoute(location.search);
}

/** Follows the address: back and forward, and clicks on links inside the page. */
export function startRouting(): void {
  route.value = parseRoute(location.search);
  addEventListener('popstate', () => {
    route.value = parseRoute(location.search);
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || link.pathname !== HERE) return;
    if (link.hash && link.search === location.search) return;
    event.preventDefault();
    goTo(HERE + link.search);
  });
}
