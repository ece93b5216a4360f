/* Who did or read what: the records, filters in the address, and whether the chain of records is whole. */
import { resource } from '../api/place';
import type { AuditState } from '../api/types';
import { go, route } from '../state/route';
import { mayAudit } from '../state/session';
import { Icon } from '../ui/Icon';
import { NoRight } from '../ui/NoRight';
import { Phrase } from '../ui/Phrase';
import { CopyButton, Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { W } from '../words';
import { auditPageWords as A } from '../words/audit';
import { AuditFilters } from './AuditFilters';
import { AuditTable } from './AuditTable';
import { type AuditQuery, exportAddress, useAudit, useAuditState } from './useAudit';

const NO_FILTER: AuditQuery = { who: '', action: '', message: '', job: '', from: '', to: '' };
const VERIFY = 'postroom audit verify';
const KEY = 'sudo postroom audit key';

/** A command that somebody with root's rights runs on the host. */
function OnHost({ text, command }: { text: string; command: string }) {
  return (
    <p class="fix">
      {text} <code>{command}</code> <CopyButton text={command} />
    </p>
  );
}

function Broken({ problem }: { problem: string | null }) {
  return (
    <div class="notice error" role="alert">
      <Icon name="circle-alert" />
      <div class="notice-text">
        <p>
          <strong>{A.broken}</strong> {problem !== null && <Text text={problem} />}
        </p>
        <OnHost text={A.brokenHelp} command={VERIFY} />
      </div>
    </div>
  );
}

function State({ state: { whole, problem, sealed_until: sealed, key_waits: waits, state, state_text: text } }: { state: AuditState }) {
  return (
    <>
      {whole && (
        <p class="audit-state">
          <Icon name="shield-check" /> {sealed ? <Phrase text={A.wholeUntil} parts={{ time: <Time at={sealed} /> }} /> : A.wholeUnsealed}
        </p>
      )}
      {!whole && <Broken problem={problem} />}
      {state !== 'fine' && text !== null && (
        <p class="notice warning">
          <Icon name="triangle-alert" /> <Text text={text} />
        </p>
      )}
      {waits && (
        <div class="notice warning">
          <Icon name="key" />
          <div class="notice-text">
            <OnHost text={A.keyWaits} command={KEY} />
          </div>
        </div>
      )}
    </>
  );
}

function Tools({ query, onRefresh }: { query: AuditQuery; onRefresh: () => void }) {
  return (
    <div class="actions">
      <button type="button" class="button small" onClick={onRefresh}>
        <Icon name="refresh-cw" /> {A.refresh}
      </button>
      {(['csv', 'jsonl'] as const).map((format) => (
        <a key={format} class="button small" href={resource(exportAddress(query, format))} download={`postroom-audit.${format}`}>
          <Icon name="download" /> {A.save[format]}
        </a>
      ))}
    </div>
  );
}

function Shown() {
  const { who, action, message, job, from, to } = route.value;
  const query = { who, action, message, job, from, to };
  const { records, problem, busy, older, refresh } = useAudit(query);
  const state = useAuditState();
  const filtered = Object.values(query).some((value) => value !== '');
  return (
    <article class="settings-page audit-page">
      <header class="page-head">
        <h1>{A.title}</h1>
        <p class="muted">{A.intro}</p>
        {state && <State state={state} />}
      </header>
      <AuditFilters />
      <Tools query={query} onRefresh={refresh} />
      {problem && <Problem problem={problem} onRetry={refresh} />}
      {!records && !problem && <p class="muted">{W.loading}</p>}
      {records?.length === 0 && (
        <p class="card muted">
          {filtered ? A.noMatch : A.none}{' '}
          {filtered && (
            <button type="button" class="link" onClick={() => go(NO_FILTER, true)}>
              {A.clear}
            </button>
          )}
        </p>
      )}
      {records && records.length > 0 && <AuditTable records={records} older={older} busy={busy} />}
    </article>
  );
}

export function AuditPage() {
  return mayAudit.value ? <Shown /> : <NoRight title={A.title} right="audit" />;
}
