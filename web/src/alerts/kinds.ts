/* The kinds of channels: what stands for each, and which fields it has. */
import type { AlertKind } from '../api/types';

export type Field = 'url' | 'token' | 'headers' | 'hmac' | 'template' | 'command' | 'relay';

interface Kind {
  icon: string;
  /** In the order in which they are asked for. */
  fields: Field[];
}

/* What most people have comes first. */
export const KINDS: Record<AlertKind, Kind> = {
  slack: { icon: 'message-square', fields: ['url', 'template'] },
  teams: { icon: 'message-square', fields: ['url', 'template'] },
  discord: { icon: 'message-square', fields: ['url', 'template'] },
  matrix: { icon: 'message-square', fields: ['url', 'token', 'template'] },
  ntfy: { icon: 'smartphone', fields: ['url', 'token', 'template'] },
  mail: { icon: 'mail', fields: ['relay', 'template'] },
  webhook: { icon: 'webhook', fields: ['url', 'headers', 'hmac'] },
  alertmanager: { icon: 'siren', fields: ['url', 'headers'] },
  command: { icon: 'terminal', fields: ['command'] },
};

export const KIND_NAMES = Object.keys(KINDS) as AlertKind[];

/** What only some need stands behind "More". */
export const LATER: ReadonlySet<Field> = new Set<Field>(['headers', 'hmac', 'template']);

/** Where the token of a kind goes. */
export const TOKEN_HEADER = 'Authorization';
