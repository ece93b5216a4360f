/* A preview in words: how many, what they are, what one should know before going on. */
import type { Group, Preview } from '../api/types';
import { count, size } from '../lib/format';
import { plain } from '../lib/text';
import { Sender, Text } from '../ui/Text';
import { WarningNotice } from '../ui/Notices';
import { W } from '../words';
import { actionDialogWords as D } from '../words/actionDialog';

const FEW = 3;
/* The server names so many of a kind at most (openapi.yaml, Preview): there may be more. */
const NAMED = 10;

/* What the question's first words say already. */
const SAID = 'delete_silent';
/* That messages also go to recipients outside of what one sees. */
const NOT_WHOLE = 'not_all_yours';

const andMore = (groups: Group[]): string => D.andMore(groups.length - FEW, groups.length >= NAMED);

/* Two replies may have one cause: then the reply says which is meant. */
function named(group: Group, groups: Group[]): string {
  const title = group.diagnosis?.title;
  const twice = groups.filter((other) => other.diagnosis?.title === title).length > 1;
  if (title === undefined || (twice && group.key !== null)) return [title, group.key ?? W.groups.unknown].filter(Boolean).join(': ');
  return title;
}

function Reasons({ groups }: { groups: Group[] }) {
  if (groups.length === 0) return null;
  return (
    <div>
      <dt>{D.reasons}</dt>
      <dd>
        {groups.slice(0, FEW).map((group) => (
          <div class="reason-line" key={group.key} title={plain(group.key ?? '')}>
            <span class="muted">{count(group.messages)}</span> <Text text={named(group, groups)} />
          </div>
        ))}
        {groups.length > FEW && <div class="muted">{andMore(groups)}</div>}
      </dd>
    </div>
  );
}

function Breakdown({ name, groups, label }: { name: string; groups: Group[]; label?: (key: string) => string }) {
  if (groups.length === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {groups.slice(0, FEW).map((group, index) => (
          <span key={group.key}>
            {index > 0 && ', '}
            <Text
              text={group.key === null ? W.groups.unknown : label ? label(group.key) : group.key === '' ? W.nullSender : group.key}
            />{' '}
            <span class="muted">{count(group.messages)}</span>
          </span>
        ))}
        {groups.length > FEW && <span class="muted"> {andMore(groups)}</span>}
      </dd>
    </div>
  );
}

export function PreviewSummary({ preview }: { preview: Preview }) {
  const { groups, warnings } = preview;
  const notices = warnings.filter(({ code }) => code !== SAID).map((warning) => <WarningNotice key={warning.code} warning={warning} />);
  if (preview.matched === 0)
    return (
      <>
        {notices}
        {/* What is there and also goes to others must not be called gone. */}
        {!warnings.some(({ code }) => code === NOT_WHOLE) && <p class="notice info">{W.ask.nothing}</p>}
      </>
    );
  return (
    <>
      {notices}
      <dl class="facts preview-facts">
        <div>
          <dt>{D.touches}</dt>
          <dd>{D.sum(preview.matched, preview.recipients, size(preview.bytes))}</dd>
        </div>
        {preview.possible < preview.matched && (
          <div>
            <dt>{D.leaves}</dt>
            <dd>{D.left(preview.matched - preview.possible)}</dd>
          </div>
        )}
        <Breakdown name={D.queues} groups={groups.queue} label={(key) => W.queue[key as keyof typeof W.queue]?.state ?? key} />
        <Breakdown name={D.senders} groups={groups.sender} />
        <Breakdown name={D.domains} groups={groups.recipient_domain} />
        <Reasons groups={groups.reason} />
      </dl>
      {preview.not_found.length > 0 && <p class="muted">{D.notFound(preview.not_found.length)}</p>}
      {preview.sample.length > 0 && (
        <details class="sample">
          <summary>{D.sample(preview.sample.length, preview.matched)}</summary>
          <ul>
            {preview.sample.map((message) => (
              <li key={message.id}>
                <code>{message.id}</code> <Sender address={message.sender} /> → <Text text={message.recipients[0]?.address ?? ''} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
