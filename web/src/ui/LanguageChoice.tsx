/* Which language the page speaks, and how it writes dates. Both are read when the page starts, so it is loaded anew. */
import type { Signal } from '@preact/signals';
import { dates, languageChoice } from '../state/prefs';
import { W } from '../words';
import { type Language, LANGUAGES } from '../words/language';

function change<T>(setting: Signal<T>, value: T): void {
  if (setting.value === value) return;
  setting.value = value;
  location.reload();
}

function Choice<T>({ setting, value, name, lang }: { setting: Signal<T>; value: T; name: string; lang?: Language }) {
  return (
    <button type="button" class="stays" lang={lang} aria-pressed={setting.value === value} onClick={() => change(setting, value)}>
      {name}
    </button>
  );
}

export function LanguageChoice() {
  return (
    <div class="segments" role="group" aria-label={W.language}>
      <Choice setting={languageChoice} value="browser" name={W.asBrowser} />
      {Object.entries(LANGUAGES).map(([tag, name]) => (
        <Choice key={tag} setting={languageChoice} value={tag} name={name} lang={tag as Language} />
      ))}
    </div>
  );
}

export function DatesChoice() {
  return (
    <div class="segments" role="group" aria-label={W.dates}>
      <Choice setting={dates} value="language" name={W.datesAs.language} />
      <Choice setting={dates} value="iso" name={W.datesAs.iso} />
    </div>
  );
}
