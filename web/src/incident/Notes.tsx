/* What people wrote on an incident. A note belongs to all who look after the host. */
import { useSignal } from '@preact/signals';
import { post, problemIn } from '../api/client';
import type { Incident, IncidentNote, Problem as ProblemData } from '../api/types';
import { mayAct } from '../state/session';
import { Icon } from '../ui/Icon';
import { Problem } from '../ui/Problem';
import { Text } from '../ui/Text';
import { Time } from '../ui/Time';
import { incidentPageWords as P } from '../words/incidentPage';

const MOST_CHARACTERS = 1000;

function AddNote({ id, onDone }: { id: string; onDone: () => void }) {
  const text = useSignal('');
  const busy = useSignal(false);
  const problem = useSignal<ProblemData | null>(null);
  const add = async () => {
    if (text.value.trim() === '' || busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await post<IncidentNote>(`/incidents/${id}/notes`, { text: text.value.trim() });
      text.value = '';
      onDone();
    } catch (error) {
      problem.value = problemIn(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <label class="field grow">
        <span>{P.addNote}</span>
        <input
          type="text"
          maxLength={MOST_CHARACTERS}
          placeholder={P.notePlaceholder}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="button" disabled={busy.value || text.value.trim() === ''}>
        <Icon name="plus" /> {P.add}
      </button>
      {problem.value && <Problem problem={problem.value} />}
    </form>
  );
}

export function Notes({ incident, onDone }: { incident: Incident; onDone: () => void }) {
  return (
    <section class="card notes-card" aria-labelledby="incident-notes">
      <h2 id="incident-notes">{P.notes}</h2>
      {incident.notes.length === 0 && <p class="muted">{P.noNotes}</p>}
      <ul>
        {incident.notes.map((note) => (
          <li key={note.id}>
            <p>
              <Text text={note.text} />
            </p>
            <p class="muted small-text">
              <Text text={note.who} />, <Time at={note.at} />
            </p>
          </li>
        ))}
      </ul>
      {mayAct.value && <AddNote id={incident.id} onDone={onDone} />}
    </section>
  );
}
