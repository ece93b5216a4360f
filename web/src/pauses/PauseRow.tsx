/* One pause: what is held back, what that does, until when, by whom and why, how many wait; and its end. */
import type { Pause } from '../api/types';
import { secondsBetween, span } from '../lib/format';
import { now } from '../state/clock';
import { changeEnd, lift, pauseProblem } from '../state/pauses';
import { hrefOf } from '../state/route';
import { mayPause } from '../state/session';
import { say } from '../state/toasts';
import { Icon } from '../ui/Icon';
import { Menu } from '../ui/Menu';
import { Phrase } from '../ui/Phrase';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { pauseWords as P } from '../words/pauses';
import { tomorrowMorning } from './ends';

const HOUR_MS = 3_600_000;

function Longer({ pause }: { pause: Pause }) {
  const change = async (until: Date) => {
    if (await changeEnd(pause, until)) say(P.changed(pause.key));
  };
  return (
    <Menu class="button small" label={P.longer}>
      {[1, 4, 12].map((hours) => (
        <button key={hours} type="button" onClick={() => void change(new Date(Date.now() + hours * HOUR_MS))}>
          {P.inHours(hours)}
        </button>
      ))}
      <button type="button" onClick={() => void change(tomorrowMorning())}>
        {P.tomorrow}
      </button>
    </Menu>
  );
}

function Actions({ pause, holds }: { pause: Pause; holds: boolean }) {
  const end = async (release: boolean) => {
    if (await lift(pause, release ? P.released(pause.key) : null)) say(P.lifted(pause.key));
  };
  return (
    <span class="pause-actions">
      <Longer pause={pause} />
      {holds && (pause.waiting ?? 0) > 0 && (
        <button type="button" class="button small" onClick={() => void end(true)}>
          <Icon name="play" /> {P.liftAndRelease(pause.waiting!)}
        </button>
      )}
      <button type="button" class="button small" title={holds ? P.liftHeldTitle : P.liftTitle} onClick={() => void end(false)}>
        <Icon name="play" /> {P.lift}
      </button>
    </span>
  );
}

export function PauseRow({ pause }: { pause: Pause }) {
  const holds = pause.kind === 'sender' || pause.kind === 'login';
  const wrong = pauseProblem.value?.id === pause.id ? pauseProblem.value.problem : null;
  return (
    <li class={`pause ${pause.trouble ? 'trouble' : ''}`}>
      <span class="pause-what">
        <Icon name="circle-pause" /> <span class="muted">{P.kind[pause.kind]}</span>{' '}
        <strong>
          <Text text={pause.key} />
        </strong>{' '}
        {pause.kind === 'provider' && pause.domains.length > 0 && (
          <span class="muted" title={pause.domains.join(', ')}>
            {P.domains(pause.domains.length)}
          </span>
        )}
      </span>
      <a class="pause-waiting" href={hrefOf({ filter: pause.filter })}>
        {(holds ? P.held : P.waiting)(pause.waiting)}
      </a>
      <span class="pause-until">
        <Phrase text={P.until} parts={{ time: <Time at={pause.until} /> }} />{' '}
        <span class="muted">({span(Math.max(0, secondsBetween(now.value, pause.until)))})</span>
      </span>
      <span class="pause-why">
        <Phrase
          text={P.doesFor(pause.kind, pause.throttle)}
          parts={{ who: <Text text={pause.by} />, reason: <Text text={pause.reason} /> }}
        />{' '}
        {pause.state !== 'in_force' && <em>{P.state[pause.state]}</em>}
      </span>
      {mayPause.value && <Actions pause={pause} holds={holds} />}
      {pause.trouble && (
        <p class="pause-trouble">
          <Icon name="triangle-alert" /> <Text text={pause.trouble} />
        </p>
      )}
      {wrong && (
        <Problem
          problem={wrong}
          onClose={() => {
            pauseProblem.value = null;
          }}
        />
      )}
    </li>
  );
}
