/* The recovery codes, which nobody sees a second time. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/Icon';
import { CopyButton } from '../ui/Problem';
import { oneTimeWords as O } from '../words/oneTime';

function save(codes: readonly string[]): void {
  const address = URL.createObjectURL(new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = O.codes.file;
  link.click();
  URL.revokeObjectURL(address);
}

export function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <div class="account-form">
      <h3 ref={title} tabIndex={-1}>
        {O.codes.title}
      </h3>
      <p>{O.codes.what}</p>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="actions">
        <CopyButton text={codes.join('\n')} label={O.codes.copy} />
        <button type="button" class="button small" onClick={() => save(codes)}>
          <Icon name="download" /> {O.codes.save}
        </button>
        <button type="button" class="button primary small" onClick={onDone}>
          {O.codes.kept}
        </button>
      </div>
    </div>
  );
}
