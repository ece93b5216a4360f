/* A message's headers, decoded or as they are. */
import { useSignal } from '@preact/signals';
import type { MessageContent } from '../api/types';
import { Text } from '../ui/Text';
import { messagePageWords as M } from '../words/messagePage';

export function Headers({ headers }: { headers: MessageContent['headers'] }) {
  const raw = useSignal(false);
  return (
    <>
      <div class="segments" role="group" aria-label={M.content.headersAs}>
        <button
          type="button"
          aria-pressed={!raw.value}
          onClick={() => {
            raw.value = false;
          }}
        >
          {M.content.decoded}
        </button>
        <button
          type="button"
          aria-pressed={raw.value}
          onClick={() => {
            raw.value = true;
          }}
        >
          {M.content.asIs}
        </button>
      </div>
      {raw.value ? (
        <pre class="source" tabIndex={0} role="region" aria-label={M.content.asIs}>
          {headers.map((header, index) => (
            <div key={index}>
              <Text text={`${header.name}: ${header.raw}`} />
            </div>
          ))}
        </pre>
      ) : (
        <dl class="headers">
          {headers.map((header, index) => (
            <div key={index}>
              <dt>
                <Text text={header.name} />
              </dt>
              <dd>
                <Text text={header.value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {headers.some((header) => header.cut) && <p class="muted">{M.content.cutHeaders}</p>}
    </>
  );
}
