/* A runbook: what to do about a kind of incident, step by step; without a name all of them. Loaded when one is first read. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Runbook } from 'runbooks';
import { hrefOf, levelUp, linkTo, route } from '../state/route';
import { Icon } from '../ui/Icon';
import { CopyButton } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { language } from '../words/language';
import { runbookPageWords as R } from '../words/runbook';
import { Blocks, Line } from './Blocks';

/** All runbooks; null while they are on their way, undefined where they do not come. */
function useRunbooks() {
  const all = useSignal<Runbook[] | null | undefined>(null);
  useEffect(() => {
    import('runbooks').then(
      (found) => {
        all.value = found.default;
      },
      () => {
        all.value = undefined;
      },
    );
  }, []);
  return all.value;
}

function One({ runbook }: { runbook: Runbook }) {
  return (
    <article class="card runbook" lang="en">
      <Blocks blocks={runbook.blocks} />
    </article>
  );
}

function All({ runbooks }: { runbooks: Runbook[] }) {
  return (
    <ul class="card runbook-list" lang="en">
      {runbooks.map(({ name, title, blocks }) => (
        <li key={name}>
          <a href={hrefOf({ page: 'runbook', id: name })}>{title}</a>
          <p class="muted">{blocks[0]?.kind === 'paragraph' && <Line pieces={blocks[0].text} />}</p>
        </li>
      ))}
    </ul>
  );
}

function Shown({ runbooks, name }: { runbooks: Runbook[]; name: string }) {
  const runbook = runbooks.find((each) => each.name === name);
  if (runbook) return <One runbook={runbook} />;
  return (
    <>
      {name !== '' && (
        <p class="notice">
          <Text text={R.unknown(name)} />
        </p>
      )}
      <All runbooks={runbooks} />
    </>
  );
}

function NotLoaded() {
  return (
    <p class="notice error" role="alert">
      {W.notLoaded}{' '}
      <button type="button" class="button small" onClick={() => location.reload()}>
        {W.reload}
      </button>
    </p>
  );
}

export function RunbookPage() {
  const name = route.value.id;
  const runbooks = useRunbooks();
  const title = runbooks?.find((each) => each.name === name)?.title;
  return (
    <section class="runbook-page">
      <header class="page-head">
        <button type="button" class="button small quiet" onClick={levelUp}>
          <Icon name="arrow-left" /> {W.back}
        </button>
        <h1 lang={title && 'en'}>{title ?? W.title.runbook}</h1>
        <div class="page-sub">
          {name !== '' && <a href={hrefOf({ page: 'runbook' })}>{R.all}</a>}
          <CopyButton text={linkTo({ page: 'runbook', id: name })} label={W.copyLink} />
        </div>
      </header>
      {runbooks === null && <p class="muted">{W.loading}</p>}
      {runbooks === undefined && <NotLoaded />}
      {language() !== 'en' && <p class="muted">{R.inEnglish}</p>}
      {runbooks && <Shown runbooks={runbooks} name={name} />}
    </section>
  );
}
