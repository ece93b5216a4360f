/* What is in a message, safely: decoded headers, the path it took, its parts as text, HTML as source or walled in. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { aborted, get, problemIn, url } from '../api/client';
import { resource } from '../api/place';
import type { MessageContent, Part, Problem as ProblemData } from '../api/types';
import { go, route } from '../state/route';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { messagePageWords as M } from '../words/messagePage';
import { Headers } from './Headers';
import { HtmlPart, Parts, RawSource, TextPart } from './Parts';
import { ReceivedPath } from './ReceivedPath';

const TABS = ['text', 'html', 'headers', 'path', 'parts', 'raw'] as const;
type Tab = (typeof TABS)[number];

const firstOf = (content: MessageContent, kind: Part['kind']): Part | undefined =>
  content.parts.find((part) => part.kind === kind && part.disposition === 'inline');

function TabBody({ tab, content }: { tab: Tab; content: MessageContent }) {
  const text = firstOf(content, 'text');
  const html = firstOf(content, 'html');
  switch (tab) {
    case 'headers':
      return <Headers headers={content.headers} />;
    case 'path':
      return <ReceivedPath hops={content.hops} />;
    case 'parts':
      return <Parts id={content.id} parts={content.parts} />;
    case 'raw':
      return <RawSource id={content.id} />;
    case 'html':
      return html ? <HtmlPart id={content.id} part={html} /> : <p class="muted">{M.content.noHtml}</p>;
    default:
      if (text) return <TextPart part={text} />;
      return <p class="muted">{html ? M.content.onlyHtml : M.content.noText}</p>;
  }
}

function Tabs({ tab }: { tab: Tab }) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    go({ tab: next }, true);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={M.content.title} onKeyDown={move}>
      {TABS.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          type="button"
          role="tab"
          aria-selected={tab === each}
          aria-controls="tab-body"
          tabIndex={tab === each ? 0 : -1}
          onClick={() => go({ tab: each }, true)}
        >
          {M.content.tab[each]}
        </button>
      ))}
    </div>
  );
}

export function ContentView({ id }: { id: string }) {
  const content = useSignal<MessageContent | null>(null);
  const problem = useSignal<ProblemData | null>(null);
  const tab = TABS.find((each) => each === route.value.tab) ?? 'text';
  useEffect(() => {
    const stop = new AbortController();
    content.value = null;
    problem.value = null;
    get<MessageContent>(`/messages/${id}/content`, {}, stop.signal).then(
      (found) => {
        content.value = found;
      },
      (error) => {
        if (!aborted(error)) problem.value = problemIn(error);
      },
    );
    return () => stop.abort();
  }, [id]);
  const now = content.value;
  return (
    <section class="content card" aria-label={M.content.title}>
      <header class="content-head">
        <h2>{M.content.title}</h2>
        <div class="actions">
          <button type="button" class="button small" onClick={() => print()}>
            <Icon name="printer" /> {W.print}
          </button>
          <a class="button small" href={resource(url(`/messages/${id}/raw`))} download={`${id}.eml`}>
            <Icon name="download" /> {M.content.download}
          </a>
        </div>
      </header>
      {problem.value && <Problem problem={problem.value} />}
      {!now && !problem.value && <p class="muted">{W.loading}</p>}
      {now &&
        now.notes.map((note) => (
          <p class="notice warning" key={note.code}>
            <Icon name="triangle-alert" /> <Text text={note.text} />
          </p>
        ))}
      {now && <Tabs tab={tab} />}
      {now && (
        <div id="tab-body" role="tabpanel" aria-labelledby={`tab-${tab}`} class="tab-body">
          <TabBody tab={tab} content={now} />
        </div>
      )}
    </section>
  );
}
