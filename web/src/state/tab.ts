/* The browser's tab carries the state: "(3) Queue", and an icon that differs in form as well as in colour. */
import { computed, effect } from '@preact/signals';
import { W } from '../words';
import { needing, watching } from './incidents';
import { summary } from './live';
import { page } from './route';
import { me } from './session';

declare const ICONS: Record<'plain' | 'watch' | 'act', string>;

const title = computed(() => {
  const many = needing.value.length;
  const name = W.title[page.value];
  return [many > 0 ? `(${many}) ${name}` : name, summary.value?.host, 'Postroom'].filter(Boolean).join(' · ');
});

const icon = computed((): keyof typeof ICONS => {
  if (needing.value.length > 0) return 'act';
  return watching.value.length > 0 ? 'watch' : 'plain';
});

/** Follows while somebody is signed in. The icon is another file of ours: the policy lets no script draw one. */
export function startTab(): () => void {
  const stops = [
    effect(() => {
      document.title = me.value ? title.value : 'Postroom';
    }),
    effect(() => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
      if (link && link.getAttribute('href') !== ICONS[icon.value]) link.href = ICONS[icon.value];
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
