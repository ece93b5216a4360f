/* Queue lifetimes and backoff times: values, what they mean, saving, history. */
import { useSignal } from '@preact/signals';
import { problemIn } from '../api/client';
import type { Problem as ProblemData, Setting, Settings } from '../api/types';
import { maySet, scope } from '../state/session';
import { Icon } from '../ui/Icon';
import { WarningNotice } from '../ui/Notices';
import { Problem } from '../ui/Problem';
import { W } from '../words';
import { settingsPageWords as S } from '../words/settings';
import { Changes } from './Changes';
import { SchedulePreview } from './SchedulePreview';
import { SettingRow } from './SettingRow';
import { secondsOf, splitTime } from './times';
import { type Draft, saveSettings, usePreview, useSettings } from './useSettings';

function fits(setting: Setting, value: string | null | undefined): boolean {
  if (value === undefined || value === null) return true;
  const time = splitTime(value, setting.unit);
  const seconds = time && secondsOf(time.number, time.unit);
  return seconds !== null && seconds >= setting.minimum && seconds <= setting.maximum;
}

interface SaveProps {
  settings: Settings;
  draft: Draft;
  onSaved: () => void;
  onDrop: () => void;
}

/** What writes the changes at once. */
function commandOf(draft: Draft): string {
  const all = Object.entries(draft);
  const set = all.filter(([, value]) => value !== null).map(([name, value]) => `${name}=${value}`);
  const unset = all.filter(([, value]) => value === null).map(([name]) => name);
  return [set.length > 0 && `postconf -e ${set.join(' ')}`, unset.length > 0 && `postconf -X ${unset.join(' ')}`]
    .filter(Boolean)
    .join(' ; ');
}

function SaveBar({ settings, draft, onSaved, onDrop }: SaveProps) {
  const note = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const names = Object.keys(draft);
  if (names.length === 0) return null;
  const valid = settings.settings.every((setting) => fits(setting, draft[setting.name]));
  const save = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    try {
      await saveSettings(draft, note.value.trim());
      onSaved();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="save-bar card" onSubmit={save}>
      <p>{S.saveWhat}</p>
      <p class="command muted">
        {W.ask.command} <code>{commandOf(draft)}</code> <code>postfix reload</code>
      </p>
      <label class="field">
        <span>{W.ask.note}</span>
        <input
          type="text"
          maxLength={1000}
          value={note.value}
          onInput={(event) => {
            note.value = event.currentTarget.value;
          }}
        />
      </label>
      {problem.value && <Problem problem={problem.value} />}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onDrop}>
          {S.drop}
        </button>
        <button type="submit" class="button primary" disabled={!valid || busy.value || settings.applying !== null}>
          {S.save(names.length)}
        </button>
      </div>
    </form>
  );
}

function SettingsForm({ settings, load }: { settings: Settings; load: () => Promise<void> }) {
  const draft = useSignal<Draft>({});
  const writable = settings.writable && maySet.value;
  const valid = settings.settings.every((setting) => fits(setting, draft.value[setting.name]));
  const { preview, problem } = usePreview(valid ? draft.value : {});
  const change = (setting: Setting, value: string | null | undefined) => {
    const { [setting.name]: _, ...rest } = draft.value;
    draft.value = value === undefined ? rest : { ...rest, [setting.name]: value };
  };
  const drop = () => {
    draft.value = {};
  };
  return (
    <>
      {!settings.writable && (
        <p class="notice info">
          <Icon name="lock" /> {settings.read_only_reason ?? S.readOnly}
        </p>
      )}
      {settings.writable && !maySet.value && (
        <p class="notice info">
          <Icon name="lock" /> {scope.value === null ? S.notAdmin : S.scoped}
        </p>
      )}
      {settings.applying !== null && (
        <p class="notice info" role="status">
          <Icon name="loader" class="turning" /> {S.applying}
        </p>
      )}
      {(preview.value?.warnings ?? settings.warnings).map((warning) => (
        <WarningNotice key={warning.code} warning={warning} />
      ))}
      {problem.value && <Problem problem={problem.value} />}
      <div class="table-wrap" tabIndex={0} role="region" aria-label={S.title}>
        <table class="plain settings-table">
          <thead>
            <tr>
              <th scope="col">{S.name}</th>
              <th scope="col">{S.value}</th>
              <th scope="col">{S.default}</th>
              {writable && <th scope="col">{S.change}</th>}
            </tr>
          </thead>
          <tbody>
            {settings.settings.map((setting) => (
              <SettingRow
                key={setting.name}
                setting={setting}
                draft={draft.value[setting.name]}
                writable={writable}
                onChange={(value) => change(setting, value)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <SaveBar
        settings={settings}
        draft={draft.value}
        onSaved={() => {
          drop();
          void load();
        }}
        onDrop={drop}
      />
      <SchedulePreview schedule={preview.value?.schedule ?? settings.schedule} draft={preview.value !== null} />
    </>
  );
}

export function SettingsPage() {
  const { settings, changes, problem, load } = useSettings();
  return (
    <article class="settings-page">
      <header class="page-head">
        <h1>{S.title}</h1>
        <p class="muted">{S.intro}</p>
      </header>
      {problem.value && <Problem problem={problem.value} onRetry={() => void load()} />}
      {!settings.value && !problem.value && <p class="muted">{W.loading}</p>}
      {settings.value && <SettingsForm settings={settings.value} load={load} />}
      {settings.value && scope.value === null && (
        <Changes changes={changes.value} writable={settings.value.writable} onDone={() => void load()} />
      )}
    </article>
  );
}
