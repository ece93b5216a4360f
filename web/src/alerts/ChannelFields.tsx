/* What is asked for each kind of channel: only the fields of that kind. */
import type { Problem } from '../api/types';
import { Icon } from '../ui/Icon';
import { alertsPageWords as A } from '../words/alerts';
import { type Draft, type Header, secret } from './draft';
import { type FieldProblem, LinesField, SecretField, TextField, Tick } from './Fields';
import { type Field, KINDS, LATER } from './kinds';

const F = A.fields;

export interface FieldsProps {
  draft: Draft;
  change: (change: Partial<Draft>) => void;
  /** What is wrong with a member, such as template or to[0]. */
  wrong: (member: string) => FieldProblem | undefined;
}

/** What a refused write says of one member of the item at an index: `channels[2].template` is its `template`. */
export function memberOf(list: string, index: number, problem: Problem | null): string | undefined {
  const prefix = `${list}[${index}].`;
  return problem?.member?.startsWith(prefix) ? problem.member.slice(prefix.length) : undefined;
}

/** The same of the heartbeat. */
export const memberOfHeartbeat = (problem: Problem | null): string | undefined => /^heartbeat\.(.*)$/.exec(problem?.member ?? '')?.[1];

function Url({ draft, change, wrong }: FieldsProps) {
  return (
    <TextField
      label={F.url}
      inputMode="url"
      required={draft.urlShown === ''}
      maxLength={2048}
      value={draft.url}
      first={draft.urlShown === ''}
      placeholder={draft.urlShown !== '' ? F.urlKept(draft.urlShown) : F.urlHint[draft.kind]}
      hint={draft.urlShown !== '' ? F.urlKeep : undefined}
      problem={wrong('url')}
      onInput={(url) => change({ url })}
    />
  );
}

function Headers({ draft, change, wrong }: FieldsProps) {
  const set = (at: number, header: Header | null) =>
    change({ headers: draft.headers.flatMap((old, index) => (index !== at ? [old] : header ? [header] : [])) });
  return (
    <fieldset class="headers-field">
      <legend>{F.headers}</legend>
      <p class="muted small-text">{F.headersHint}</p>
      {draft.headers.map((header, at) => (
        <div key={at} class="header-line">
          <TextField
            label={F.headerName}
            value={header.name}
            required
            maxLength={100}
            problem={wrong(`headers[${at}].name`)}
            onInput={(name) => set(at, { ...header, name })}
          />
          <SecretField
            label={F.headerValue}
            value={header.value}
            required
            problem={wrong(`headers[${at}].value`)}
            onChange={(value) => set(at, { ...header, value })}
          />
          <button
            type="button"
            class="button small quiet"
            aria-label={F.removeHeader(header.name)}
            title={F.removeHeader(header.name)}
            onClick={() => set(at, null)}
          >
            <Icon name="x" />
          </button>
        </div>
      ))}
      <button type="button" class="button small" onClick={() => change({ headers: [...draft.headers, { name: '', value: secret() }] })}>
        <Icon name="plus" /> {F.addHeader}
      </button>
    </fieldset>
  );
}

function Relay({ draft, change, wrong }: FieldsProps) {
  return (
    <>
      <TextField
        label={F.relay}
        required
        hint={F.relayHint}
        value={draft.relay}
        first={draft.relay === ''}
        problem={wrong('relay')}
        onInput={(relay) => change({ relay })}
      />
      <TextField label={F.from} required value={draft.from} problem={wrong('from')} onInput={(from) => change({ from })} />
      <LinesField label={F.to} rows={2} hint={F.toHint} value={draft.to} problem={wrong('to')} onInput={(to) => change({ to })} />
      <TextField label={`${F.user} (${A.optional})`} value={draft.user} problem={wrong('user')} onInput={(user) => change({ user })} />
      {draft.user !== '' && (
        <SecretField label={F.password} value={draft.password} problem={wrong('password')} onChange={(password) => change({ password })} />
      )}
    </>
  );
}

function Command({ draft, change, wrong }: FieldsProps) {
  return (
    <>
      <TextField
        label={F.command}
        required
        hint={F.commandHint}
        value={draft.command}
        first={draft.command === ''}
        problem={wrong('command')}
        onInput={(command) => change({ command })}
      />
      <LinesField
        label={`${F.arguments} (${A.optional})`}
        hint={F.argumentsHint}
        value={draft.arguments}
        problem={wrong('arguments')}
        onInput={(text) => change({ arguments: text })}
      />
    </>
  );
}

function OneField({ field, ...props }: FieldsProps & { field: Field }) {
  const { draft, change, wrong } = props;
  switch (field) {
    case 'url':
      return <Url {...props} />;
    case 'token':
      return (
        <SecretField
          label={draft.kind === 'matrix' ? F.token : `${F.token} (${A.optional})`}
          required={draft.kind === 'matrix'}
          hint={F.tokenHint[draft.kind]}
          value={draft.token}
          problem={wrong('token')}
          onChange={(token) => change({ token })}
        />
      );
    case 'headers':
      return <Headers {...props} />;
    case 'hmac':
      return (
        <SecretField label={F.hmac} hint={F.hmacHint} value={draft.hmac} problem={wrong('hmac')} onChange={(hmac) => change({ hmac })} />
      );
    case 'template':
      return (
        <LinesField
          label={F.template}
          rows={4}
          hint={F.templateHint}
          value={draft.template}
          problem={wrong('template')}
          onInput={(template) => change({ template })}
        />
      );
    case 'command':
      return <Command {...props} />;
    case 'relay':
      return <Relay {...props} />;
  }
}

/** What only some need; open where something in it is wrong or set. */
export function More(props: FieldsProps) {
  const { draft, change, wrong } = props;
  const fields = KINDS[draft.kind].fields.filter((field) => LATER.has(field));
  const needsLocal = [wrong('url'), wrong('relay')].some((problem) => problem?.detail.includes('allow_local'));
  const open = needsLocal || fields.some((field) => wrong(field)) || draft.headers.length > 0 || draft.template !== '';
  return (
    <details class="more-fields" open={open}>
      <summary>{F.more}</summary>
      {fields.map((field) => (
        <OneField key={field} field={field} {...props} />
      ))}
      <TextField
        label={F.limit}
        inputMode="numeric"
        required
        hint={F.limitHint}
        value={draft.limit}
        problem={wrong('limit_per_hour')}
        onInput={(limit) => change({ limit })}
      />
      <Tick label={F.resolved} checked={draft.resolved} onChange={(resolved) => change({ resolved })} />
      {draft.kind !== 'command' && (
        <Tick label={F.local} hint={F.localHint} checked={draft.allowLocal} onChange={(allowLocal) => change({ allowLocal })} />
      )}
      <Tick label={F.enabled} checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
    </details>
  );
}

export function ChannelFields(props: FieldsProps) {
  const { draft, change, wrong } = props;
  return (
    <>
      <TextField
        label={F.name}
        required
        maxLength={100}
        hint={F.nameHint}
        value={draft.name}
        problem={wrong('name') ?? wrong('id')}
        onInput={(name) => change({ name })}
      />
      {KINDS[draft.kind].fields
        .filter((field) => !LATER.has(field))
        .map((field) => (
          <OneField key={field} field={field} {...props} />
        ))}
      <More {...props} />
    </>
  );
}
