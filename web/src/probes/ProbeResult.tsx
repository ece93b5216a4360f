/* What one test found: its sentence, and each step with its time and the server's own words. */
import type { Probe, ProbeStep } from '../api/types';
import { Icon } from '../ui/Icon';
import { Text } from '../ui/Text';
import { Relative } from '../ui/Time';
import { probeWords as P } from '../words/probes';

const ICON: Record<ProbeStep['outcome'], string> = {
  ok: 'circle-check',
  warning: 'triangle-alert',
  bad: 'circle-x',
  skipped: 'circle-minus',
};

function Step({ step, host }: { step: ProbeStep; host: boolean }) {
  return (
    <li class={`step ${step.outcome}`}>
      <span class="step-name">
        <Icon name={ICON[step.outcome]} /> <span class="visually-hidden">{P.outcome[step.outcome]}: </span>
        {P.step[step.name]}
      </span>
      <span class="step-text">
        {host && step.host && (
          <span class="muted">
            <Text text={step.host} />{' '}
          </span>
        )}
        <Text text={step.text} />
        {step.answer && (
          <span class="step-answer" title={P.said}>
            <code>
              <Text text={step.answer} />
            </code>
          </span>
        )}
      </span>
      <span class="step-took muted">{P.took(step.took_ms)}</span>
    </li>
  );
}

/* Steps of one server share its name: it stands at the first of them. */
const startsHost = (steps: readonly ProbeStep[], at: number): boolean => steps[at]!.host !== (steps[at - 1]?.host ?? null);

export const nameOfProbe = ({ kind, domain }: Probe): string => (kind === 'own_address' ? P.ownName : (domain ?? ''));

export function ProbeResult({ probe }: { probe: Probe }) {
  const { state, outcome, summary, steps } = probe;
  const running = state === 'running';
  return (
    <div class="probe-result">
      <p class={`probe-head ${outcome ?? ''}`} role="status">
        <Icon name={running ? 'loader' : outcome ? ICON[outcome] : 'circle-x'} class={running ? 'turning' : ''} />{' '}
        <strong>
          <Text text={nameOfProbe(probe)} />
        </strong>
        {': '}
        <Text text={summary || P.running} />{' '}
        <span class="muted">
          <Relative at={probe.at} />, {P.begun(probe.by)}
        </span>
      </p>
      <ol class="steps" aria-label={P.steps(nameOfProbe(probe))}>
        {steps.map((step, at) => (
          <Step key={at} step={step} host={startsHost(steps, at)} />
        ))}
      </ol>
    </div>
  );
}
