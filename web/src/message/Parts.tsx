/* The parts of a message: text, HTML behind its wall, attachments by name, and the source of it all. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, getText, problemIn, url } from '../api/client';
import { resource } from '../api/place';
import type { Part, Problem as ProblemData } from '../api/types';
import { count, size } from '../lib/format';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';

const MOST_CHARS = 400_000; /* beyond this a browser takes seconds to lay text out; the download has all of it */

function Source({ text, label, wrap }: { text: string; label: string; wrap?: boolean }) {
  const cut = text.length > MOST_CHARS;
  return (
    <>
      <pre class={`source ${wrap ? 'wrap' : ''}`} tabIndex={0} role="region" aria-label={label}>
        <Text text={cut ? text.slice(0, MOST_CHARS) : text} />
      </pre>
      {cut && <p class="muted">{M.content.cut(count(MOST_CHARS), count(text.length))}</p>}
    </>
  );
}

export function TextPart({ part, label = M.content.tab.text }: { part: Part; label?: string }) {
  return (
    <>
      {part.text_damaged && (
        <p class="notice info">
          <Icon name="info" /> {M.content.damaged(part.charset)}
        </p>
      )}
      <Source text={part.text ?? ''} label={label} wrap />
      {part.text_cut && <p class="muted">{M.content.cutPart}</p>}
    </>
  );
}

export function RawSource({ id }: { id: string }) {
  const text = useSignal<string | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    getText(`/messages/${id}/raw`, { as: 'text' }, stop.signal).then(
      (found) => {
        text.value = found;
      },
      (error) => {
        if (!aborted(error)) problem.value = problemIn(error);
      },
    );
    return () => stop.abort();
  }, [id]);
  if (problem.value) return <Problem problem={problem.value} />;
  return text.value === null ? <p class="muted">{W.loading}</p> : <Source text={text.value} label={M.content.tab.raw} />;
}

export function HtmlPart({ id, part }: { id: string; part: Part }) {
  const shown = useSignal(false);
  return (
    <>
      <div class="segments" role="group" aria-label={M.content.htmlAs}>
        <button
          type="button"
          aria-pressed={!shown.value}
          onClick={() => {
            shown.value = false;
          }}
        >
          {M.content.htmlSource}
        </button>
        <button
          type="button"
          aria-pressed={shown.value}
          onClick={() => {
            shown.value = true;
          }}
        >
          {M.content.htmlShown}
        </button>
      </div>
      <p class="muted small-text">
        <Icon name="lock" /> {M.content.htmlSafe}
      </p>
      {shown.value ? (
        <iframe
          class="html-frame"
          title={M.content.htmlShown}
          sandbox=""
          referrerpolicy="no-referrer"
          src={resource(url(`/messages/${id}/parts/${part.n}`, { as: 'html' }))}
        />
      ) : (
        <TextPart part={part} label={M.content.htmlSource} />
      )}
    </>
  );
}

function PartRow({ id, part, depth }: { id: string; part: Part; depth: number }) {
  const holds = part.kind === 'multipart';
  return (
    <tr>
      <td>
        <span style={{ paddingInlineStart: `${depth * 16}px` }}>
          {part.name ? <Text text={part.name} /> : <span class="muted">{M.content.unnamed}</span>}
        </span>
      </td>
      <td>
        <Text text={part.type} />
        {part.charset && (
          <span class="muted">
            {' '}
            <Text text={part.charset} />
          </span>
        )}
      </td>
      <td class="end">{part.size === null ? W.none : size(part.size)}</td>
      <td>{M.content.disposition[part.disposition]}</td>
      <td>
        {!holds && (
          <a
            class="button small"
            href={resource(url(`/messages/${id}/parts/${part.n}`, { as: 'download' }))}
            download={part.name ?? `part-${part.n}`}
            aria-label={M.content.downloadPart(part.name ?? part.type)}
          >
            <Icon name="download" />
          </a>
        )}
      </td>
    </tr>
  );
}

export function Parts({ id, parts }: { id: string; parts: Part[] }) {
  const depth = (part: Part): number => {
    const parent = parts.find((other) => other.n === part.parent);
    return parent && parent.n < part.n ? Math.min(8, depth(parent) + 1) : 0;
  };
  return (
    <>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{M.content.partName}</th>
            <th scope="col">{M.content.partType}</th>
            <th scope="col" class="end">
              {W.columns.size}
            </th>
            <th scope="col">{M.content.partPlace}</th>
            <th scope="col">
              <span class="visually-hidden">{M.content.download}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <PartRow key={part.n} id={id} part={part} depth={depth(part)} />
          ))}
        </tbody>
      </table>
    </>
  );
}
