/* When a message would be tried with these values, until it is returned: marks on a line, and the same as text. */
import type { RetrySchedule } from '../api/types';
import { span } from '../lib/format';
import { Phrase } from '../ui/Phrase';
import { settingsPageWords as S } from '../words/settings';

const WIDTH = 1000;
const LISTED = 8;

export function SchedulePreview({ schedule, draft }: { schedule: RetrySchedule; draft: boolean }) {
  const last = schedule.at(-1);
  if (!last) return <p class="muted">{S.noSchedule}</p>;
  const end = Math.max(last.earliest, 1);
  /* The square root gives the first hour, where most attempts are, room beside days. */
  const x = (seconds: number): number => Math.sqrt(seconds / end) * WIDTH;
  return (
    <section class="card" aria-label={S.schedule}>
      <h2>{draft ? S.scheduleDraft : S.schedule}</h2>
      <svg class="schedule-line" viewBox={`-6 0 ${WIDTH + 12} 30`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={WIDTH} y1="15" y2="15" />
        {schedule.map((attempt, index) => (
          <rect key={index} x={x(attempt.earliest) - 1} width="2" y="7" height="16" />
        ))}
      </svg>
      <p>
        <Phrase
          text={schedule.length > LISTED ? S.attemptsAndLast(schedule.length, span(last.earliest)) : S.attempts(schedule.length)}
          parts={{
            times: schedule.slice(0, LISTED).map((attempt, index) => (
              <span key={index}>
                {index > 0 && ', '}
                {attempt.earliest === attempt.latest ? span(attempt.earliest) : S.spanOf(span(attempt.earliest), span(attempt.latest))}
              </span>
            )),
          }}
        />
      </p>
      <p class="muted small-text">{S.scheduleNote}</p>
    </section>
  );
}
