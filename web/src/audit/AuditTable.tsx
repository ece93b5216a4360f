/* Records of the audit, each a sentence: when, who, what, about what, how it ended. The rest is folded. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { AuditRecord, Role } from '../api/types';
import { go, href, hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { CopyButton } from '../ui/Problem';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { auditPageWords as A } from '../words/audit';

const OUTCOME_ICON: Record<string, string> = { done: 'check', refused: 'ban', failed: 'circle-x' };

/** Where what a record is about can be looked at. */
function addressOf({ kind, id }: NonNullable<AuditRecord['object']>): string | null {
  if (kind === 'message') return hrefOf({ page: 'message', id });
  if (kind === 'job') return href({ jobs: id });
  if (kind === 'account') return hrefOf({ page: 'accounts', id });
  return null;
}

function About({ object }: { object: NonNullable<AuditRecord['object']> }) {
  const to = addressOf(object);
  const name = <Text text={object.id} />;
  return to ? <a href={to}>{name}</a> : name;
}

/** Which token it was, and whose, or whose link a session was opened with: its name is any. */
function ByOther({ token, owner }: { token: number | null; owner: string | null }) {
  return (
    <>
      {token !== null ? A.token(token) : A.sessionOf}
      {owner !== null && (
        <>
          {' '}
          <button type="button" class="value" title={A.trail.who} onClick={() => go({ who: owner })}>
            <Text text={owner} />
          </button>
        </>
      )}
    </>
  );
}

function Who({ record: { who, via, token, owner, from: told } }: { record: AuditRecord }) {
  /* At the Unix socket it says the same as the name. */
  const from = via === 'socket' ? null : told;
  const way = via === null ? null : (A.via[via] ?? via);
  return (
    <>
      {who === null || who === '-' ? (
        <span class="muted">{via === null && who === null && told === null ? A.service : A.nobody}</span>
      ) : (
        <button type="button" class="value" title={A.trail.who} onClick={() => go({ who })}>
          <Text text={who} />
        </button>
      )}{' '}
      <span class="muted">
        {token !== null || owner !== null ? <ByOther token={token} owner={owner} /> : way}
        {way !== null && from !== null && ', '}
        {from !== null && <Phrase text={A.from} parts={{ address: <Text text={from} /> }} />}
      </span>
    </>
  );
}

/** What a record has beside its sentence. */
function Details({ record: { id, role, scope, path, filter, status, reference } }: { record: AuditRecord }) {
  const facts: [string, ComponentChildren][] = [[A.record, id]];
  const code = (text: string) => (
    <code>
      <Text text={text} />
    </code>
  );
  if (role !== null) facts.push([A.role, W.role[role as Role] ?? role]);
  if (scope !== null) facts.push([A.scope, code(scope)]);
  if (filter !== null) facts.push([A.filter, code(filter)]);
  if (path !== null) facts.push([A.request, code(path)]);
  if (status !== null) facts.push([A.status, status]);
  return (
    <tr class="record-more">
      <td colSpan={4}>
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {reference !== null && (
            <div>
              <dt>{A.reference}</dt>
              <dd>
                <code>{reference}</code> <CopyButton text={reference} />
              </dd>
            </div>
          )}
        </dl>
      </td>
    </tr>
  );
}

function What({ record: { action, object, text, count, times } }: { record: AuditRecord }) {
  /* What is summed up begins with its number. */
  const summed = text?.startsWith(`${times} `);
  const more = [times !== null && times > 1 && !summed && A.times(times), count !== null && A.messages(count)].filter(Boolean).join(', ');
  return (
    <>
      <strong>{A.action[action] ?? action}</strong> {object && object.kind !== 'path' && <About object={object} />}{' '}
      <span class="muted">
        {more}
        {more && text && ', '}
        {text && <Text text={text} />}
      </span>
    </>
  );
}

function Row({ record }: { record: AuditRecord }) {
  const open = useSignal(false);
  const { at, outcome } = record;
  return (
    <>
      <tr class="record">
        <td class="record-when">
          <button
            type="button"
            class="button small quiet"
            aria-expanded={open.value}
            aria-label={A.more}
            title={A.more}
            onClick={() => {
              open.value = !open.value;
            }}
          >
            <Icon name={open.value ? 'chevron-down' : 'chevron-right'} />
          </button>{' '}
          <Time at={at} />
        </td>
        <td class="record-who">
          <Who record={record} />
        </td>
        <td class="record-what">
          <What record={record} />
        </td>
        <td class={`record-outcome ${outcome ?? ''}`}>
          {outcome !== null && (
            <>
              <Icon name={OUTCOME_ICON[outcome] ?? 'info'} /> {A.outcomes[outcome] ?? outcome}
            </>
          )}
        </td>
      </tr>
      {open.value && <Details record={record} />}
    </>
  );
}

/** Below the last row: comes into sight, and the next page is read; a button for whoever does not scroll. */
function Older({ older, busy }: { older: () => Promise<void>; busy: boolean }) {
  const end = useRef<HTMLDivElement>(null);
  const read = useRef(older);
  read.current = older;
  useEffect(() => {
    const sight = new IntersectionObserver(([entry]) => entry?.isIntersecting && void read.current(), { rootMargin: '600px' });
    sight.observe(end.current!);
    return () => sight.disconnect();
  }, [busy]);
  return (
    <div ref={end}>
      <button type="button" class="button" disabled={busy} onClick={() => void older()}>
        {busy ? W.loading : A.older}
      </button>
    </div>
  );
}

interface Props {
  records: AuditRecord[];
  older: (() => Promise<void>) | null;
  busy: boolean;
}

export function AuditTable({ records, older, busy }: Props) {
  return (
    <>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={A.list}>
        <table class="plain settings-table audit">
          <thead>
            <tr>
              {[A.when, A.who, A.what, A.outcome].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.map((record) => (
              <Row key={record.id} record={record} />
            ))}
          </tbody>
        </table>
      </div>
      {older ? <Older older={older} busy={busy} /> : <p class="muted small-text">{A.end}</p>}
    </>
  );
}
