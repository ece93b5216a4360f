/*
 * A channel while it is being typed, and what is written of it. All channels are written at once, so that those that are
 * not meant go back as they were read: secrets are never shown, and what is left out stays as it is stored.
 */
import type { AlertChannel, AlertChannels, AlertChannelWrite, AlertKind } from '../api/types';
import { KINDS, TOKEN_HEADER } from './kinds';

/** A secret: kept as it is stored, replaced by what is typed, or forgotten. */
export interface Secret {
  set: boolean;
  typed: string;
  forget: boolean;
}

export interface Header {
  name: string;
  value: Secret;
}

export interface Draft {
  id: string;
  kind: AlertKind;
  name: string;
  enabled: boolean;
  /** What is shown of the address that is stored; '' where there is none. */
  urlShown: string;
  url: string;
  token: Secret;
  headers: Header[];
  hmac: Secret;
  template: string;
  command: string;
  arguments: string;
  relay: string;
  from: string;
  to: string;
  user: string;
  password: Secret;
  allowLocal: boolean;
  resolved: boolean;
  limit: string;
}

/* As the service has them where nothing is said. */
const LIMIT_PER_HOUR = '60';

export const secret = (set = false): Secret => ({ set, typed: '', forget: false });

/** The members that say what is to become of a secret; none: it stays. */
const written = <K extends string>(name: K, { set, typed, forget }: Secret): { [key in K]?: string | null } =>
  (typed !== '' ? { [name]: typed } : forget && set ? { [name]: null } : {}) as { [key in K]?: string | null };

const isToken = (kind: AlertKind, name: string): boolean =>
  KINDS[kind].fields.includes('token') && name.toLowerCase() === TOKEN_HEADER.toLowerCase();

/** `usualName`: what a new one is called unless one says otherwise. */
export function draftOf(kind: AlertKind, channel: AlertChannel | null, usualName = ''): Draft {
  const headers = channel?.headers ?? [];
  const token = headers.find(({ name }) => isToken(kind, name));
  return {
    id: channel?.id ?? '',
    kind,
    name: channel?.name ?? usualName,
    enabled: channel?.enabled ?? true,
    urlShown: channel?.url ?? '',
    url: '',
    token: secret(token?.value_set),
    headers: headers.filter((each) => each !== token).map(({ name, value_set: set }) => ({ name, value: secret(set) })),
    hmac: secret(channel?.hmac_set),
    template: channel?.template ?? '',
    command: channel?.command ?? '',
    arguments: (channel?.arguments ?? []).join('\n'),
    relay: channel?.relay ?? '',
    from: channel?.from ?? '',
    to: (channel?.to ?? []).join('\n'),
    user: channel?.user ?? '',
    password: secret(channel?.password_set),
    allowLocal: channel?.allow_local ?? false,
    resolved: channel?.resolved ?? true,
    limit: channel ? String(channel.limit_per_hour) : LIMIT_PER_HOUR,
  };
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

const headerOf = ({ name, value }: Header): { name: string; value?: string } => ({
  name: name.trim(),
  ...(value.typed !== '' ? { value: value.typed } : {}),
});

/** The token as it stands in the header: the word in front of it belongs to the header, not to what people copy. */
const bearer = (typed: string): string => (/^(bearer|basic) /i.test(typed) ? typed : `Bearer ${typed.trim()}`);

function headersOf(draft: Draft): { headers: { name: string; value?: string }[] } {
  const headers = draft.headers.filter(({ name }) => name.trim() !== '').map(headerOf);
  const { set, typed, forget } = draft.token;
  if (typed !== '') headers.push({ name: TOKEN_HEADER, value: bearer(typed) });
  else if (set && !forget) headers.push({ name: TOKEN_HEADER });
  return { headers };
}

const textOrNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** What is written of a draft: the members of its kind alone. */
export function writeOf(draft: Draft): AlertChannelWrite {
  const { fields } = KINDS[draft.kind];
  const has = (field: (typeof fields)[number]): boolean => fields.includes(field);
  return {
    id: draft.id,
    name: draft.name.trim(),
    kind: draft.kind,
    enabled: draft.enabled,
    allow_local: draft.allowLocal,
    resolved: draft.resolved,
    limit_per_hour: Number(draft.limit),
    ...(draft.url.trim() !== '' ? { url: draft.url.trim() } : {}),
    ...(has('headers') || has('token') ? headersOf(draft) : {}),
    ...(has('hmac') ? written('hmac', draft.hmac) : {}),
    ...(has('template') ? { template: draft.template.trim() === '' ? null : draft.template } : {}),
    ...(has('command') ? { command: textOrNull(draft.command), arguments: lines(draft.arguments) } : {}),
    ...(has('relay')
      ? {
          relay: textOrNull(draft.relay),
          from: textOrNull(draft.from),
          to: lines(draft.to),
          user: textOrNull(draft.user),
          ...written('password', draft.password),
        }
      : {}),
  };
}

/** A channel that is left as it is. */
export const keep = (channel: AlertChannel): AlertChannelWrite => writeOf(draftOf(channel.kind, channel));

/** An ID of a name's letters, which no other channel or rule has. */
export function idOf(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 28);
  const first = plain === '' ? 'channel' : plain;
  let id = first;
  for (let number = 2; taken.includes(id); number++) id = `${first}-${number}`;
  return id;
}

/** The heartbeat that is left as it is. */
export const keepHeartbeat = ({ enabled, every_s, allow_local }: AlertChannels['heartbeat']) => ({ enabled, every_s, allow_local });

/** All channels with a draft in its place: where it was, or at the end. */
export function withDraft(channels: readonly AlertChannel[], draft: Draft): AlertChannelWrite[] {
  const all = channels.map((channel) => (channel.id === draft.id ? writeOf(draft) : keep(channel)));
  return channels.some(({ id }) => id === draft.id) ? all : [...all, writeOf(draft)];
}
