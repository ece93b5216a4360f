/* What happened in the last hour, in short sentences: what cleared, what was done, what was changed. */
import type { LastHourLine } from '../api/types';
import { plain } from '../lib/text';
import { Text } from '../ui/Text';
import { W } from '../words';

export interface Line {
  text: string;
  link: string | null;
}

/** One line; what has no room is on hover, and whole where the page is narrow. */
export function Lines({ name, lines }: { name: string; lines: Line[] }) {
  return (
    <p class="lines" title={plain(lines.map(({ text }) => text).join(' '))}>
      <span class="muted">{name}</span>
      {lines.map(({ text, link }) => (
        <>
          {' '}
          {link ? (
            <a key={text} href={link}>
              <Text text={text} />
            </a>
          ) : (
            <Text text={text} />
          )}
        </>
      ))}
    </p>
  );
}

export function LastHour({ lines }: { lines: LastHourLine[] }) {
  return lines.length > 0 ? <Lines name={W.incidents.lastHour} lines={lines} /> : null;
}
