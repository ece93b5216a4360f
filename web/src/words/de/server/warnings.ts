/* In German: warnings of the queue with what to do about them, what the helper finds, and Postfix's settings. */
import type { ServerTexts } from '../../server';

export const warningTexts: ServerTexts = {
  damaged_files:
    '{count} {count?Queue-Datei ist|Queue-Dateien sind} beschädigt (leer, abgeschnitten oder Unsinn). Kommt der Queue-Manager zu einer, legt er sie in die Warteschlange corrupt: Sie wird weder zugestellt noch zurückgeschickt.',
  damaged_files_fix:
    'Zu finden mit from:="(damaged)". Was in ihnen war, ist bis auf das Gezeigte verloren; löschen, oder vorher beiseite kopieren.',
  helper_silent: 'Der Hilfsprozess antwortet nicht: Was gezeigt wird, kann veraltet sein, und mit Nachrichten lässt sich nichts tun.',
  helper_silent_fix: 'Bleibt das so: `systemctl restart postroom`.',
  log_unavailable_fix: 'postfix.log oder postfix.log_command dorthin setzen, wohin Postfix loggt; `postroom check` sagt mehr.',
  log_not_understood_fix:
    'postfix.log oder postfix.log_command dorthin setzen, wohin Postfix loggt. Ist es das schon, hat das Log eine Form, die Postroom nicht kennt.',
  check_says_missing: '`postroom check` sagt, was fehlt.',
  check_says_what: '`postroom check` sagt, was zu tun ist.',
  scope_no_filter:
    '{count} {count?Konto oder Token hat|Konten oder Token haben} einen Ausschnitt, der in dieser Version kein Filter ist, und {count?sieht|sehen} nichts: {who}.',
  scope_no_filter_fix: 'Dem Konto einen anderen Ausschnitt geben (`postroom user set NAME --scope FILTER`), oder das Token neu anlegen.',
  tls_failed_fix: 'Beide Dateien müssen PEM und für run.user lesbar sein. Bis dahin wird nur der Unix-Socket bedient.',
  tls_renewal_fix: 'Beide Dateien müssen PEM und für run.user lesbar sein. Bis dahin gilt das vorige Zertifikat.',
  role_helper_silent:
    'Der Hilfsprozess antwortet nicht: Was gezeigt wird, kann veraltet sein, und mit Nachrichten lässt sich nichts tun. Er wird ersetzt, wenn es 15 Sekunden so bleibt.',
  role_reader_silent: 'Der Leseprozess antwortet nicht: Was gezeigt wird, veraltet. Er wird ersetzt, wenn es 15 Sekunden so bleibt.',
  role_logreader_silent:
    'Der Logleser antwortet nicht: Es gibt keine Zustellversuche zu zeigen. Er wird ersetzt, wenn es 15 Sekunden so bleibt.',
  role_notifier_silent:
    'Der Melder antwortet nicht: Kein Alarm wird gesendet und nichts geprüft. Er wird ersetzt, wenn es 15 Sekunden so bleibt.',
  role_identity_silent:
    'Der Prozess, der den Anmeldedienst fragt, antwortet nicht: Niemand meldet sich darüber an. Er wird ersetzt, wenn es 15 Sekunden so bleibt.',
  role_helper_ended: 'Der Hilfsprozess läuft nicht: Was gezeigt wird, kann veraltet sein, und mit Nachrichten lässt sich nichts tun.',
  role_reader_ended: 'Der Leseprozess läuft nicht: Was gezeigt wird, veraltet.',
  role_logreader_ended: 'Der Logleser läuft nicht: Es gibt keine Zustellversuche zu zeigen.',
  role_notifier_ended: 'Der Melder läuft nicht: Kein Alarm wird gesendet und nichts geprüft.',
  role_identity_ended: 'Der Prozess, der den Anmeldedienst fragt, läuft nicht: Niemand meldet sich darüber an.',
  role_ended_status: 'Er endete mit Status {status} und wird neu gestartet.',
  role_ended_signal: 'Er wurde durch Signal {signal} beendet und wird neu gestartet.',
  role_ended_sandbox: 'Er hat einen Systemaufruf gemacht, den seine Sandbox nicht zulässt, und wird neu gestartet.',
  role_fix: 'Bleibt das so, `journalctl -u postroom` ansehen, und: `systemctl restart postroom`.',
  issuer_unavailable: 'Über {issuer} meldet sich jetzt niemand an: {error}',
  issuer_unavailable_fix:
    'Er wird alle 10 Sekunden wieder gefragt. Konten mit Passwort melden sich an wie bisher, und wer angemeldet ist, bleibt es.',
  alert_channel_failing: 'Alarme erreichen den Kanal {channel} seit {since:time} nicht: {reply}',
  alert_channels_failing: 'Alarme erreichen den Kanal {channel} und andere seit {since:time} nicht: {reply}',
  alert_channel_fix:
    'Den Kanal auf der Seite der Alarme testen, oder mit `postroom alerts test`: Beide zeigen, was geantwortet wird. Was wartet, wird gesendet, wenn er wieder annimmt.',

  not_root: 'Postroom wurde nicht als root gestartet: Es kann die Queue-Dateien nicht lesen und postsuper nicht ausführen',
  not_root_fix: 'sudo systemctl start postroom, oder: sudo postroom serve',
  no_new_privs: 'setgid-Programme funktionieren nicht unter no_new_privs, und postqueue ist eines',
  no_new_privs_fix: 'NoNewPrivileges=yes (und was es einschließt) aus der Unit von postroom entfernen',
  program_missing: '{path} kann nicht ausgeführt werden: {error}',
  program_missing_fix: 'Postfix neu installieren (Debian: `apt-get install --reinstall postfix`)',
  setgid_wrong: '{path} ist nicht setgid {group}: Benutzer können keine Mails einliefern oder auflisten',
  setgid_wrong_fix: 'chgrp {group} {path} && chmod 2555 {path}',
  postfix_missing: 'Postfix hat nicht geantwortet: {error}',
  postfix_missing_fix: 'Postfix installieren, oder postfix.config_directory auf das Verzeichnis seiner main.cf setzen',
  postfix_missing_prefix_fix: 'den Befehl in postfix.command_prefix von Hand versuchen, gefolgt von: postconf mail_version',
  postfix_stopped: 'das Mailsystem läuft nicht: Nichts wird zugestellt und nichts erneut versucht',
  postfix_stopped_fix: 'postfix -c {directory} start',
  showq_unreachable: '{queue}/public/showq: {error}',
  showq_unreachable_fix: '`ls -l {queue}/public` ansehen, und die Zeile showq in {directory}/master.cf',
  flush_unreachable: '{queue}/public/flush: {error}; einzelne Nachrichten lassen sich nicht erneut versuchen',
  flush_unreachable_fix: '`ls -l {queue}/public` ansehen, und die Zeile flush in {directory}/master.cf',
  spool_unreadable:
    '{queue}/{where} ist nicht lesbar: {error}; die Warteschlange kommt stattdessen von postqueue, mit weniger Einzelheiten',
  spool_unreadable_missing_fix: '`postfix -c {directory} check` legt fehlende Verzeichnisse an',
  spool_unreadable_fix:
    'Postroom als root starten (`sudo systemctl start postroom`); in einem Container das Verzeichnis der Warteschlange einhängen oder postfix.command_prefix setzen',
  spool_full:
    'das Dateisystem von {queue} hat noch {left} MiB: Unter {minimum} MiB (1,5 * message_size_limit oder queue_minfree) nimmt Postfix keine Mails über SMTP an (452 4.3.1 Insufficient system storage)',
  spool_low:
    'das Dateisystem von {queue} hat noch {left} MiB; bei {minimum} MiB nimmt Postfix keine Mails mehr über SMTP an (1,5 * message_size_limit oder queue_minfree)',
  spool_inodes:
    'das Dateisystem von {queue} hat noch {inodes} Inodes: Jede Nachricht in der Warteschlange braucht einen, und jede zurückgestellte zwei',
  spool_room_fix:
    'Platz schaffen: `df -h {queue}; df -i {queue}` sagen, wie viel da ist, `postroom delete FILTER --undo 0` entfernt sofort, was niemand will',
  not_watched_fix: 'das Verzeichnis der Warteschlange auf ein lokales Dateisystem legen, oder den Fehler beheben',
  main_cf_missing: '{path}: {error}',
  main_cf_missing_fix: 'postfix.config_directory in postroom.conf auf das Verzeichnis von main.cf setzen',
  main_cf_symlink: '{path} ist ein symbolischer Link, den postconf -e ersetzen würde',
  main_cf_symlink_fix: '`settings.write = no` setzen, oder {path} zu einer gewöhnlichen Datei machen',
  main_cf_mounted: '{path} ist selbst ein Einhängepunkt: Es lässt sich nicht ersetzen, wie postconf -e es tut',
  main_cf_mounted_fix: '`settings.write = no` setzen, oder das Verzeichnis {directory} einhängen und nicht die Datei',
  main_cf_immutable: '{path} ist als unveränderlich markiert',
  main_cf_immutable_fix: '`chattr -i {directory} {path}`, oder `settings.write = no` setzen',
  main_cf_read_only: '{path} kann nicht geschrieben werden: {error}',
  main_cf_read_only_fix: '{directory} für root beschreibbar machen, oder `settings.write = no` setzen',
  log_not_found_fix: 'postfix.log in postroom.conf auf die Datei setzen, in die Postfix loggt, oder postfix.log_command',
  log_unreadable: '{path} ist nicht lesbar: {error}',
  log_unreadable_fix: 'Postroom als root starten, oder postfix.log in postroom.conf auf die richtige Datei setzen',
  sandbox_partial: 'die Sandbox des Dienstes ist nicht vollständig: {lacks}',
  sandbox_partial_fix:
    'einen Kernel mit Landlock 6 (Linux 6.12) und seccomp verwenden, und den Dienst mit CAP_SYS_ADMIN beginnen lassen; run.sandbox in postroom.conf sagt, ob er ohne läuft',
  short_queue_ids:
    'Queue-IDs sind kurz und werden für andere Nachrichten wiederverwendet: Gelöscht wird zur Sicherheit über das Anhalten, und die Geschichten zweier Nachrichten können sich unter einer ID treffen',
  short_queue_ids_fix: '{postconf} -e enable_long_queue_ids=yes && {postfix} reload',
  no_bounce: 'Postfix {version} kann Mails nicht auf Verlangen an ihre Absender zurückschicken (postsuper -e)',
  no_bounce_fix: 'Postfix auf 3.5 oder neuer bringen',

  settings_bounce_over_maximal: 'bounce_queue_lifetime ist länger als maximal_queue_lifetime: Postfix verwendet das Kürzere für beides.',
  settings_minimal_over_maximal:
    'minimal_backoff_time ist länger als maximal_backoff_time: Das Minimum gewinnt, jede Wartezeit ist also so lang.',
  settings_run_delay_over_minimal:
    'queue_run_delay ist länger als minimal_backoff_time: Eine fällige Nachricht wartet auf den nächsten Durchgang.',
  settings_no_lifetime: 'maximal_queue_lifetime ist 0: Mails gehen nach einem gescheiterten Versuch an den Absender zurück.',
  settings_overridden: 'master.cf setzt {name} für diesen Dienst ({entry}): main.cf gilt für ihn nicht.',
  settings_drift: '{name} wurde hier zuletzt auf {value} gesetzt, und etwas anderes hat es seither geändert.',
  settings_drift_default: '{name} wurde hier zuletzt auf seinen Standard gesetzt, und etwas anderes hat es seither geändert.',
};
