/* What somebody sees who sees a part of the queue: in words where they say it, else by its filter. */
import type { Me } from '../api/types';
import { W } from '../words';
import { andList, orList } from './format';

type Part = NonNullable<Me['scope_parts']>[number];

/* A line above every page: of more than that the filter tells, which stands beside it. */
const MOST = 4;

function values(all: readonly string[]): string {
  const shown = all.length > MOST ? all.slice(0, MOST - 1) : all;
  return orList(shown.length < all.length ? [...shown, W.part.more(all.length - shown.length)] : shown);
}

const one = ({ filter, any }: Part): string =>
  any === null ? filter : andList(any.map(({ what, values: all }) => W.part[what](values(all))));

/** "mail to shop.example, and mail from shop.example". */
export const scopeText = (parts: readonly Part[]): string => parts.map(one).reduce((outer, inner) => W.part.within(outer, inner));
