/* What the queues mean, what the actions really do, how to filter, which keys there are. */
import type { Action, QueueName } from '../api/types';
import { ACTION_ICON } from '../actions/icons';
import { term } from '../lib/filter';
import { keysOn } from '../state/prefs';
import { hrefOf } from '../state/route';
import { Icon } from '../ui/Icon';
import { QUEUE_ICON } from '../ui/State';
import { Phrase } from '../ui/Phrase';
import { W } from '../words';
import { actionDialogWords as D } from '../words/actionDialog';
import { helpPageWords as H } from '../words/help';
import { Diagram } from './Diagram';

const QUEUES: QueueName[] = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];
const ACTIONS: Action[] = ['retry', 'hold', 'release', 'requeue', 'bounce', 'delete'];

function Queues() {
  return (
    <section class="card">
      <h2>{H.help.queues}</h2>
      <div class="diagram-wrap" tabIndex={0} role="region" aria-label={H.help.diagram.label}>
        <Diagram />
      </div>
      <dl class="help-list">
        {QUEUES.map((queue) => (
          <div key={queue}>
            <dt>
              <a class={`state ${queue}`} href={hrefOf({ filter: term('queue', queue) })}>
                <Icon name={QUEUE_ICON[queue]} /> {W.queue[queue].name}
              </a>
            </dt>
            <dd>{W.queue[queue].what}</dd>
          </div>
        ))}
        <div>
          <dt>
            <span class="state corrupt">
              <Icon name={QUEUE_ICON.corrupt} /> {W.queue.corrupt.name}
            </span>
          </dt>
          <dd>{W.queue.corrupt.what}</dd>
        </div>
      </dl>
      <h3>{H.help.notInIt}</h3>
      <ul>
        {H.help.notInItList.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <h3>{H.help.stalled}</h3>
      <p>{H.help.stalledText}</p>
    </section>
  );
}

function Actions() {
  return (
    <section class="card">
      <h2>{H.help.actions}</h2>
      <dl class="help-list">
        {ACTIONS.map((action) => (
          <div key={action}>
            <dt>
              <Icon name={ACTION_ICON[action]} /> {W.actions[action].name}
            </dt>
            <dd>
              {W.actions[action].what} {W.actions[action].more} <code>{W.actions[action].command}</code>
            </dd>
          </div>
        ))}
        <div>
          <dt>
            <Icon name="zap" /> {W.flush.name}
          </dt>
          <dd>
            {W.flush.what} {D.flush.means} <code>postqueue -f</code>
          </dd>
        </div>
      </dl>
      <h3>{H.help.schedule}</h3>
      <p>{H.help.scheduleText}</p>
    </section>
  );
}

function Filters() {
  return (
    <section class="card">
      <h2>{H.help.filter}</h2>
      <p>{H.help.filterText}</p>
      <dl class="help-list examples">
        {H.help.examples.map(([text, what]) => (
          <div key={text}>
            <dt>
              <a href={hrefOf({ filter: text })}>
                <code>{text}</code>
              </a>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">{H.help.filterManual}</p>
      <dl class="help-list">
        {Object.entries(W.fields).map(([name, what]) => (
          <div key={name}>
            <dt>
              <code>{name}:</code>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        {Object.entries(W.compared).map(([name, what]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>{H.help.classes}</h3>
      <p>{H.help.classesText}</p>
    </section>
  );
}

function Keys() {
  return (
    <section class="card">
      <h2>{H.help.keys}</h2>
      <label>
        <input
          type="checkbox"
          checked={keysOn.value}
          onChange={() => {
            keysOn.value = !keysOn.value;
          }}
        />{' '}
        {H.help.keysOn}
      </label>
      <p class="muted small-text">{H.help.keysWhere}</p>
      <dl class="help-list keys">
        {H.keys.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function HelpPage() {
  return (
    <article class="help-page">
      <header class="page-head">
        <h1>{H.help.title}</h1>
        <p>
          <Phrase text={H.help.wrong} parts={{ runbooks: <a href={hrefOf({ page: 'runbook' })}>{W.title.runbook}</a> }} />
        </p>
        <p>
          <Phrase text={H.help.more} parts={{ docs: <a href="docs/">{H.help.docs}</a> }} />
        </p>
      </header>
      <Queues />
      <Actions />
      <Filters />
      <Keys />
    </article>
  );
}
