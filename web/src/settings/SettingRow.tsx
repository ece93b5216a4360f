/* One setting: what it is, what it is now and where that is set, and what it should be. */
import type { Setting } from '../api/types';
import { postfixTime, span } from '../lib/format';
import { Icon } from '../ui/Icon';
import { Phrase } from '../ui/Phrase';
import { Text } from '../ui/Text';
import { W } from '../words';
import { settingsPageWords as S } from '../words/settings';
import { secondsOf, splitTime, UNITS } from './times';

interface Props {
  setting: Setting;
  /** undefined: left as it is. null: Postfix's default. */
  draft: string | null | undefined;
  writable: boolean;
  onChange: (value: string | null | undefined) => void;
}

function Editor({ setting, draft, onChange }: Props) {
  const now = splitTime(draft ?? (draft === null ? setting.default : setting.value) ?? '', setting.unit) ?? {
    number: '',
    unit: setting.unit,
  };
  const seconds = secondsOf(now.number, now.unit);
  const outside = seconds !== null && (seconds < setting.minimum || seconds > setting.maximum);
  const set = (number: string, unit: string) => {
    const text = `${number.trim()}${unit}`;
    onChange(text === setting.value ? undefined : text);
  };
  return (
    <>
      <span class="time-input">
        <input
          type="text"
          inputMode="numeric"
          size={6}
          value={now.number}
          aria-label={S.number(setting.name)}
          aria-invalid={outside || seconds === null}
          onInput={(event) => set(event.currentTarget.value, now.unit)}
        />
        <select value={now.unit} aria-label={S.unit(setting.name)} onChange={(event) => set(now.number, event.currentTarget.value)}>
          {UNITS.map((unit) => (
            <option key={unit} value={unit}>
              {S.units[unit]}
            </option>
          ))}
        </select>
      </span>
      {draft !== undefined && (
        <button type="button" class="button small quiet" onClick={() => onChange(undefined)}>
          <Icon name="undo-2" /> {S.leave}
        </button>
      )}
      {draft !== null && setting.set_in === 'main.cf' && (
        <button type="button" class="button small quiet" onClick={() => onChange(null)}>
          {S.useDefault}
        </button>
      )}
      {outside && <p class="field-error">{S.between(postfixTime(setting.minimum), postfixTime(setting.maximum))}</p>}
    </>
  );
}

export function SettingRow(props: Props) {
  const { setting, draft, writable } = props;
  return (
    <tr class={draft !== undefined ? 'changed' : ''}>
      <th scope="row">
        <code>{setting.name}</code>
        <div class="muted small-text">{S.what[setting.name]}</div>
      </th>
      <td data-name={S.value}>
        <strong>
          <Text text={setting.value ?? W.none} />
        </strong>
        {setting.seconds !== null && setting.seconds > 0 && span(setting.seconds).replace(' ', '') !== setting.value && (
          <span class="muted"> {span(setting.seconds)}</span>
        )}
        <div class="muted small-text">{setting.set_in ? S.setIn[setting.set_in] : S.unknownPlace}</div>
        {setting.override && (
          <p class="notice warning small-text">
            <Icon name="triangle-alert" />{' '}
            <span>
              <Phrase
                text={S.override}
                parts={{
                  value: (
                    <code>
                      <Text text={setting.override} />
                    </code>
                  ),
                }}
              />
            </span>
          </p>
        )}
        {setting.drift && (
          <p class="notice warning small-text">
            <Icon name="triangle-alert" />{' '}
            <span>
              <Phrase
                text={S.drift}
                parts={{
                  value: (
                    <code>
                      <Text text={setting.drift} />
                    </code>
                  ),
                }}
              />
            </span>
          </p>
        )}
      </td>
      <td data-name={S.default}>
        <Text text={setting.default ?? W.none} />
      </td>
      {writable && (
        <td class="editor">
          <Editor {...props} />
        </td>
      )}
    </tr>
  );
}
