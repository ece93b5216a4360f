/* The views that everybody has; the catalogue names them. */
import type { Sort } from '../api/types';
import { W } from '../words';

const VIEWS: { name: keyof typeof W.builtInViews; filter: string; sort: Sort }[] = [
  { name: 'deferred', filter: 'queue:deferred age>1h', sort: '-arrival' },
  { name: 'held', filter: 'queue:hold deleting:no', sort: '-arrival' },
  { name: 'paused', filter: 'paused:yes', sort: '-arrival' },
  { name: 'deleting', filter: 'deleting:yes', sort: '-arrival' },
  { name: 'expiring', filter: 'expires<6h', sort: 'arrival' },
  { name: 'bounces', filter: 'from:=""', sort: '-arrival' },
  { name: 'largest', filter: '', sort: '-size' },
  { name: 'fresh', filter: 'age<1h', sort: '-arrival' },
];

export const builtInViews = () => VIEWS.map(({ name, ...view }) => ({ ...view, name: W.builtInViews[name] }));
