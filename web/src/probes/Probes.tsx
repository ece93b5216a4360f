/* Buttons that test a destination or our own address now, and what the tests of the last hour found. */
import type { Problem } from '../api/types';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { Problem as ProblemNotice } from '../ui/Problem';
import { Text } from '../ui/Text';
import { W } from '../words';
import { probeWords as P } from '../words/probes';
import { nameOfProbe, ProbeResult } from './ProbeResult';
import { type ProbeScope, useProbes } from './useProbes';

/** A refusal says what to do now; anything else is told as ever. */
function Refused({ problem, onClose }: { problem: Problem; onClose: () => void }) {
  const words = P.refused[problem.code];
  if (!words) return <ProblemNotice problem={problem} onClose={onClose} />;
  return (
    <div class="notice warning" role="alert">
      <Icon name="info" />
      <div class="notice-text">
        <p>
          {words} {problem.retry_after !== undefined && P.waitFor(problem.retry_after)}
        </p>
        <p class="muted small-text">
          <Text text={problem.detail} />
        </p>
      </div>
      <button type="button" class="button small quiet" aria-label={W.dismiss} onClick={onClose}>
        <Icon name="x" />
      </button>
    </div>
  );
}

export function Probes(scope: ProbeScope) {
  const { probes, problem, busy, start, forgive } = useProbes(scope);
  const { incident, domains, own } = scope;
  const [latest, ...earlier] = probes;
  const within = incident ? { incident } : {};
  return (
    <div class="probes">
      {mayAct.value && (domains.length > 0 || own) && (
        <div class="actions">
          {domains.map((domain) => (
            <button
              key={domain}
              type="button"
              class="button small"
              title={P.destinationWhat}
              disabled={busy}
              onClick={() => void start({ kind: 'destination', domain, ...within })}
            >
              <Icon name="radar" /> <Text text={P.destination(domain)} />
            </button>
          ))}
          {own && (
            <button
              type="button"
              class="button small"
              title={P.ownWhat}
              disabled={busy}
              onClick={() => void start({ kind: 'own_address', ...within })}
            >
              <Icon name="radar" /> {P.own}
            </button>
          )}
        </div>
      )}
      {!mayAct.value && <p class="muted small-text">{P.mayNot}</p>}
      {problem && <Refused problem={problem} onClose={forgive} />}
      {latest && <ProbeResult probe={latest} />}
      {earlier.length > 0 && (
        <details>
          <summary>{P.earlier(earlier.length)}</summary>
          {earlier.map((probe) => (
            <ProbeResult key={`${nameOfProbe(probe)}${probe.id}`} probe={probe} />
          ))}
        </details>
      )}
      {latest && <p class="muted small-text">{P.kept}</p>}
    </div>
  );
}
