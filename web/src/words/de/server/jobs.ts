/* In German: what became of a message of a job, and what an action would do. */
import type { ServerTexts } from '../../server';

export const jobTexts: ServerTexts = {
  job_already_held: 'Sie war schon angehalten.',
  job_held_for_job:
    'Sie war schon angehalten, für Auftrag {job}, der sie nach seiner Frist löscht: Wird dieser Auftrag rückgängig gemacht, bleibt sie angehalten.',
  job_in_maildrop:
    'Sie wartet in maildrop, wo das nicht geht; pickup holt sie innerhalb einer Minute, oder sofort, wenn die ganze Warteschlange versucht wird.',
  job_other_message: 'Diese Queue-ID hat jetzt eine andere Nachricht.',
  job_released_by_other: 'Sie wurde inzwischen freigegeben.',
  job_held_by_other: 'Sie wurde inzwischen angehalten; sie bleibt es.',
  job_kept_moving: 'Sie wechselte jedes Mal die Warteschlange, wenn nach ihr gesehen wurde.',
  job_unreadable: 'Ihre Queue-Datei ist nicht lesbar, es ist also nicht sicher, dass es die richtige Nachricht ist.',
  job_bad_id: 'Postfix akzeptiert diese Queue-ID nicht.',
  job_not_on_hold: 'Sie ist nicht angehalten.',
  job_release_first: 'Sie ist angehalten: zuerst freigeben.',
  job_under_way: 'Ein Zustellversuch lief schon.',
  job_other_held:
    'Eine andere Nachricht hat diese Queue-ID und ist angehalten; dieser Auftrag kann sie angehalten haben, bevor er unterbrochen wurde. Freigeben, wenn niemand sie angehalten haben will.',
  job_stays_on_hold: 'Sie bleibt angehalten, wie sie es vorher war.',
  job_found_done: 'Nach einer Unterbrechung erledigt vorgefunden.',
  job_removed_or_delivered:
    'Nach einer Unterbrechung war sie nicht mehr in der Warteschlange: von diesem Auftrag gelöscht oder vorher zugestellt.',
  job_requeued_or_delivered:
    'Nach einer Unterbrechung war sie nicht mehr in der Warteschlange: von diesem Auftrag neu eingereiht oder vorher zugestellt.',
  job_waits_in_maildrop: 'Sie wartet in maildrop auf pickup.',
  job_requeued_by_other: 'Jemand anderes hat sie neu eingereiht.',
  job_not_done: 'Postfix hat es nicht getan und nicht gesagt, warum.',
  job_held_marked:
    'Sie wurde inzwischen angehalten; sie bleibt es, als abgelaufen markiert: Wird sie freigegeben, geht sie an den Absender zurück, wenn ein Versuch scheitert.',
  job_delivered_now:
    'Sie wird gerade zugestellt: Was dieser Versuch nicht zustellt, geht an den Absender zurück, wenn es das nächste Mal versucht würde.',
  job_left_queue: 'Sie hat die Warteschlange verlassen.',
  job_not_marked: 'Postfix hat sie nicht markiert und nicht gesagt, warum.',
  job_not_released: 'Postfix hat sie nicht freigegeben: Sie ist noch angehalten.',
  job_bounce_asked:
    'Als abgelaufen markiert, und Postfix wurde gebeten, sie aufzunehmen: Sie geht ohne weiteren Versuch an den Absender zurück.',
  job_bounce_later:
    'Als abgelaufen markiert: Nimmt Postfix sie das nächste Mal auf, geht sie ohne weiteren Versuch an den Absender zurück.',
  job_not_taken: 'Postfix hat die Anfrage nicht angenommen; läuft es?',
  job_held_since: 'Sie wurde inzwischen angehalten.',
  job_not_all_yours:
    'Nichts geschah mit ihr: Sie geht auch an Empfänger außerhalb des sichtbaren Ausschnitts, oder gehört nicht mehr dazu.',
  job_stopped: 'Nicht versucht: Ihr Ziel hat wieder dieselbe Ablehnung gegeben: {reply}',
  job_postfix_said: 'Postfix sagte: {reply}',
  job_waits_for_reload:
    'Sie bleibt vorerst angehalten: Sie kann in active gewesen sein, als sie angehalten wurde, und Postfix entfernt eine solche Nachricht spurlos, wenn sie zurückkommt, bevor Postfix neu geladen oder gestartet wurde.',
  job_reload_failed: 'Postfix konnte nicht neu geladen werden: {reply}',
  job_reload_silent: 'Postfix konnte nicht neu geladen werden: `postfix reload` nannte keinen Grund.',
  job_reload_old_manager: 'Postfix wurde neu geladen, aber sein Queue-Manager hat nicht neu begonnen.',

  preview_retry_on_hold:
    '{count} {count?ist|sind} angehalten: Solange eine Nachricht angehalten ist, wird nichts versucht. Zuerst freigeben.',
  preview_retry_maildrop:
    '{count} {count?ist|sind} in maildrop: Postfix sieht dort innerhalb einer Minute selbst nach, und sofort, wenn die ganze Warteschlange versucht wird; eine einzelne Nachricht lässt sich dort nicht versuchen.',
  preview_active: '{count} {count?wird|werden} gerade zugestellt.',
  preview_retry_over_age:
    '{count} {count?ist|sind} älter als die Lebensdauer: Scheitert dieser Versuch, ist es der letzte (zurück an den Absender; ein Bounce wird verworfen).',
  preview_already_held: '{count} {count?ist|sind} schon angehalten.',
  preview_active_may_get:
    '{count} {count?wird|werden} gerade zugestellt: Empfänger, deren Zustellung begonnen hat, können sie noch bekommen.',
  preview_hold_maildrop: '{count} {count?ist|sind} in maildrop: Dort lässt sich nichts anhalten.',
  preview_reload_perhaps:
    'Wo eine Nachricht gerade zugestellt wurde, als sie angehalten wurde, wird Postfix einmal neu geladen, sonst ginge sie verloren.',
  preview_reload:
    '{count} {count?wurde|wurden} vielleicht während der Zustellung angehalten. Damit nichts verloren geht, wird Postfix einmal neu geladen (etwa {seconds} s zusätzliche Arbeit bei der Größe dieser Warteschlange); ist das nicht gewollt, bleiben solche Mails angehalten, bis Postfix neu geladen oder gestartet wird.',
  preview_not_held: '{count} {count?ist|sind} nicht angehalten.',
  preview_held_long:
    '{count} {count?ist|sind} länger angehalten als die Lebensdauer: Angehalten läuft nichts ab, aber nach der Freigabe geht zurück, was dann beim nächsten Versuch scheitert (ein Bounce wird verworfen).',
  preview_release_waits:
    'Freigegebene Mails behalten ihre alte Zeit für den nächsten Versuch und warten vielleicht darauf; für einen sofortigen Versuch erneut versuchen.',
  preview_requeue_effects:
    'Neu eingereihte Mails bekommen eine neue Queue-ID und beginnen ihre Lebensdauer von vorn. Adressumschreibung, Kopfzeilen- und Inhaltsprüfungen, BCC-Tabellen und der Inhaltsfilter werden wieder angewandt; Milter nie. Um jetzt zuzustellen, stattdessen erneut versuchen.',
  preview_active_twice:
    '{count} {count?wird|werden} gerade zugestellt: Empfänger, deren Zustellung begonnen hat, können sie doppelt bekommen.',
  preview_requeue_on_hold: '{count} {count?ist|sind} angehalten: Neu einreihen beendet das.',
  preview_requeue_maildrop: '{count} {count?ist|sind} schon in maildrop.',
  preview_delete_silent: 'Niemand erfährt es: Es wird kein Bounce gesendet.',
  preview_delete_maildrop_at_once:
    '{count} {count?ist|sind} in maildrop, wo sich nichts anhalten lässt: sofort gelöscht, nicht rückgängig zu machen.',
  preview_delete_maildrop: '{count} {count?ist|sind} in maildrop: Postfix kann vorher holen, was dort ist.',
  preview_delete_held: '{count} {count?ist|sind} schon angehalten: Rückgängig machen lässt es so.',
  preview_bounce_effects:
    'Jede Nachricht wird als abgelaufen markiert und mit dem letzten bekannten Grund an ihren Absender zurückgeschickt. Postfix versucht nichts mehr: Auch was jetzt zugestellt würde, geht zurück. Die Markierung lässt sich nicht zurücknehmen.',
  preview_null_sender:
    '{count} {count?hat|haben} niemanden, an den sie zurückgehen könnten, wie Bounces: verworfen. Der Postmaster erfährt es nur, wo notify_classes bounce oder 2bounce hat.',
  preview_bounce_on_hold: '{count} {count?ist|sind} angehalten: dafür freigegeben.',
  preview_bounce_active:
    '{count} {count?wird|werden} gerade zugestellt: Was dieser Versuch zustellt, ist zugestellt; der Rest geht zurück, wenn er das nächste Mal versucht würde.',
  preview_bounce_maildrop: '{count} {count?ist|sind} in maildrop, wo sich nichts markieren lässt.',
  preview_not_all_yours:
    '{count} {count?geht|gehen} auch an Empfänger außerhalb des sichtbaren Ausschnitts: Mit {count?ihr|ihnen} geschieht nichts.',
  preview_not_found:
    '{count} {count?ist|sind} nach dem, was jetzt bekannt ist, nicht in der Warteschlange; es wird trotzdem danach gesucht.',

  pause_preview_destination:
    'Mails an {key} werden angenommen und warten bis {until:time}; andere Empfänger derselben Nachrichten bekommen ihre. Danach werden sie nach und nach wieder versucht.',
  pause_preview_throttle: 'Bis {until:time} geht alle {seconds} Sekunden eine Nachricht an {key}; die anderen warten.',
  pause_preview_sender_released:
    'Neue Mails des Absenders {key}, die über SMTP kommen, werden bis {until:time} ganz angehalten und am Ende freigegeben. Was schon in der Warteschlange ist, bleibt unberührt, ebenso was Programme hier an sendmail geben und was über jetzt offene Verbindungen kommt.',
  pause_preview_sender_stays:
    'Neue Mails des Absenders {key}, die über SMTP kommen, werden bis {until:time} ganz angehalten und bleiben es, bis jemand sie freigibt. Was schon in der Warteschlange ist, bleibt unberührt, ebenso was Programme hier an sendmail geben und was über jetzt offene Verbindungen kommt.',
  pause_preview_login_released:
    'Neue Mails des Logins {key}, die über SMTP kommen, werden bis {until:time} ganz angehalten und am Ende freigegeben. Was schon in der Warteschlange ist, bleibt unberührt, ebenso was Programme hier an sendmail geben und was über jetzt offene Verbindungen kommt.',
  pause_preview_login_stays:
    'Neue Mails des Logins {key}, die über SMTP kommen, werden bis {until:time} ganz angehalten und bleiben es, bis jemand sie freigibt. Was schon in der Warteschlange ist, bleibt unberührt, ebenso was Programme hier an sendmail geben und was über jetzt offene Verbindungen kommt.',
  pause_would_expire: 'Ihre Lebensdauer endet vor der Pause: Sie gehen an ihre Absender zurück, wenn sie nicht angehalten werden.',
  pause_in_delivery: 'Was gerade zugestellt wird, läuft weiter.',
  pause_own_entries: 'Einträge in den eigenen Tabellen von Postfix gehen vor: Mails an diese werden nicht zurückgehalten.',
  pause_no_domains:
    'Keine Nachricht in der Warteschlange nennt eine Domain, deren Mails dorthin gehen. Domains werden aufgenommen, sobald sie bekannt werden.',
  pause_no_logins:
    'smtpd_sasl_auth_enable ist in main.cf no, und kein Dienst in master.cf setzt es anders: Postfix kennt keine Logins und würde nichts anhalten.',
  pause_reload: 'Eine Mustertabelle in transport_maps macht ein Neuladen von Postfix nötig, jetzt und am Ende.',
  flush_burst:
    'Postfix wurde gebeten, jetzt alles zu versuchen. Es nimmt zurückgestellte und eingehende Mails, wie es Platz hat, übergeht ihre Wartezeiten und defer_transports und holt maildrop; Angehaltenes bleibt angehalten. Ob etwas zugestellt wurde, ist noch nicht bekannt, und viele Versuche auf einmal können von den Zielen abgelehnt werden.',
};
