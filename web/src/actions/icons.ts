import type { Action } from '../api/types';

export const ACTION_ICON: Record<Action, string> = {
  retry: 'send',
  hold: 'circle-pause',
  release: 'circle-play',
  requeue: 'rotate-ccw',
  bounce: 'corner-up-left',
  delete: 'trash-2',
};
