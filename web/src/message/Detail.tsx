/* All about one message, without its content: in the table when a row is open, and on the message's own page. */
import type { MessageDetail } from '../api/types';
import { Attempts } from './Attempts';
import { Diagnoses } from './Diagnoses';
import { Origin } from './Origin';
import { Recipients } from './Recipients';
import { ScheduleCard } from './ScheduleCard';
import { Tests } from './Tests';

export function Detail({ message, recipients }: { message: MessageDetail; recipients?: number }) {
  return (
    <div class="detail">
      <Diagnoses diagnoses={message.diagnoses} recipients={message.recipients.length} />
      <div class="detail-main">
        <Origin message={message} />
        <Recipients message={message} first={recipients} />
        <Tests message={message} />
        <Attempts message={message} />
      </div>
      <div class="detail-side">
        <ScheduleCard message={message} />
      </div>
    </div>
  );
}
