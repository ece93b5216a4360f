/* The table of members, in the order of the contract. A test compares each row with its schema, so
 * that a new member of the API cannot be forgotten here. */
#include "cli/members.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"

#define MESSAGE_CORE                                                                               \
	"id queue arrival size sender recipient_count next_retry expires forced_expire deleting "  \
	"deleting.job deleting.until paused paused.id paused.kind paused.key paused.by "           \
	"paused.reason paused.until paused.throttle origin origin.client_name "                    \
	"origin.client_address origin.login origin.helo damaged subject"
#define RECIPIENT                                                                                  \
	"recipients recipients.address recipients.original recipients.reason recipients.dsn "      \
	"recipients.remote_host recipients.paused"
#define PAUSE                                                                                      \
	"id kind key subdomains throttle release reason by since until state ended ended_by "      \
	"trouble domains waiting filter"
#define JOB_ITEM "id outcome detail new_id sender arrival result reply"
#define INCIDENT                                                                                   \
	"id kind severity state title text subject subject.kind subject.key diagnosis since "      \
	"noticed until messages growth baseline filter evidence evidence.text evidence.quote "     \
	"actions cause_of caused_by points notes snoozed_until snoozed_by runbook"
#define INCIDENT_CSV "id kind severity state since until messages growth title filter snoozed_until"

static const struct members table[] = {
    {"list", NULL, "Message",
	MESSAGE_CORE " " RECIPIENT " diagnosis diagnosis.id diagnosis.title diagnosis.severity",
	"id queue arrival size sender recipient_count recipients.0.address next_retry "
	"diagnosis.title recipients.0.reason"},
    {"show", NULL, "MessageDetail",
	MESSAGE_CORE " generation " RECIPIENT
		     " recipients.phase recipients.asked_delay_seconds recipients.diagnosis "
		     "failed failed.address failed.original failed.reason failed.dsn "
		     "delivered_count schedule schedule.created schedule.next_earliest "
		     "schedule.next_latest schedule.due schedule.beyond_backoff schedule.then "
		     "schedule.expires schedule.lifetime diagnoses diagnoses.title "
		     "diagnoses.cause diagnoses.advice diagnoses.runbook attempts attempts.at "
		     "attempts.recipient attempts.relay attempts.dsn attempts.status "
		     "attempts.text events log",
	"id queue arrival size sender subject recipients.address recipients.reason "
	"schedule.next_earliest schedule.expires origin.login origin.client_address"},
    {"groups", NULL, "Group",
	"key readable messages recipients bytes oldest_arrival filter diagnosis diagnosis.id "
	"diagnosis.title diagnosis.severity cells other_columns",
	"messages recipients bytes oldest_arrival key diagnosis.title"},
    {"jobs", NULL, "Job",
	"id action state created started finished by note filter total counts counts.planned "
	"counts.sent counts.held counts.done counts.gone counts.changed counts.refused "
	"counts.unknown counts.cancelled counts.undone counts.stopped rate undo_seconds "
	"undo_until problem speed seconds_left results results.delivered results.deferred "
	"results.bounced results.unknown stopped_destinations undoes reloads",
	"id action state created by total counts.done counts.held counts.gone counts.changed "
	"counts.refused counts.unknown filter note"},
    {"jobs", MEMBERS_NUMBER, "JobItem", JOB_ITEM, JOB_ITEM},
    {"jobs", "cancel", "JobItem", JOB_ITEM, JOB_ITEM},
    {"jobs", "undo", "JobItem", JOB_ITEM, JOB_ITEM},
    {"settings", NULL, "Setting",
	"name value seconds default default_seconds unit minimum maximum set_in override drift",
	"name value default set_in override drift"},
    {"settings", "changes", "SettingsChange",
	"id created finished by note state detail restores changes changes.name changes.before "
	"changes.after",
	"id created by state note restores changes"},
    {"history", NULL, "HistorySample", "at incoming active deferred hold maildrop corrupt",
	"at incoming active deferred hold maildrop corrupt"},
    {"history", MEMBERS_SERIES, "SeriesLine", "key label values from step",
	"key label from step values"},
    {"trace", NULL, "TracedMessage",
	"id ids message_id sender login client size arrival in_queue last recipients_cut address "
	"original result at relay dsn reply remote_id by",
	"at id sender address result relay dsn reply by arrival message_id"},
    {"incidents", NULL, "Incident", INCIDENT, INCIDENT_CSV},
    {"incidents", MEMBERS_NUMBER, "IncidentDetail", INCIDENT " timeline", INCIDENT_CSV},
    {"probe", NULL, "Probe",
	"id kind domain incident by at state outcome took_ms summary steps steps.name steps.host "
	"steps.outcome steps.took_ms steps.text steps.answer",
	"id kind domain at state outcome took_ms summary"},
    {"pauses", NULL, "Pause", PAUSE, "id kind key state since until by waiting reason trouble"},
    {"audit", NULL, "AuditRecord",
	"id at action who role scope via token owner uid from object object.kind object.id path "
	"message job "
	"filter count times outcome status reference text chain",
	"id at action who role via from path message job count times outcome status reference "
	"text"},
    {"alerts", NULL, "Alert",
	"id incidents more channel rule what at state attempts next_attempt sent_at title text "
	"status answer took_ms",
	"id at channel rule what state title text attempts next_attempt sent_at status answer "
	"took_ms incidents more"},
    {"alerts", "channels", "AlertChannel",
	"id name kind enabled url headers hmac_set template command arguments relay from to user "
	"password_set allow_local resolved limit_per_hour failing_since",
	"id name kind enabled url command relay to failing_since"},
    {"alerts", "silences", "AlertSilence", "id kind key severity until reason by at",
	"id kind key severity until reason by at"},
    {"status", NULL, "Incidents",
	"as_of calm sentence kept summary summary.deferred summary.deferred_growth "
	"summary.deferred_usual summary.received_per_minute summary.delivered_per_minute "
	"summary.returned_per_minute summary.oldest_arrival summary.postfix_since "
	"summary.postfix_running last_hour incidents incidents.id incidents.title "
	"incidents.severity",
	"as_of summary.deferred summary.deferred_growth summary.received_per_minute "
	"summary.delivered_per_minute summary.returned_per_minute summary.oldest_arrival "
	"summary.postfix_running sentence"},
    {"version", NULL, NULL, "client service where", "client service where"},
    {"hosts", NULL, NULL, "name where token role version problem",
	"name where token role version problem"},
    {"usage", NULL, "UsageOfPerson",
	"name via requests_now downloads_now streams_now views open_jobs requests refused bytes "
	"content_bytes worked_ms last",
	"name via requests_now downloads_now streams_now views open_jobs requests refused bytes "
	"content_bytes worked_ms last"},
    {"user", NULL, "User",
	"name role given taken rights lost scope scope_problem locked otp created",
	"name role given taken scope scope_problem locked otp created"},
    {"token", NULL, "Token",
	"id name role given taken rights lost scope scope_problem owner person person.name "
	"person.by "
	"person.seen person.until created expires used used_from",
	"id name role owner person.name scope created expires used used_from"},
    {"sessions", NULL, "Session", "id name user how from agent created used used_from expires this",
	"id name user how from agent created used used_from expires this"},
};

const struct members *members_table(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

static bool is_number(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

const struct members *members_of(const char *command, const char *verb)
{
	const struct members *any = NULL;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].command, command) != 0)
			continue;
		if (table[i].verb == NULL)
			any = &table[i];
		else if (strcmp(table[i].verb, verb) == 0 ||
			 (strcmp(table[i].verb, MEMBERS_NUMBER) == 0 && is_number(verb)))
			return &table[i];
	}
	return any;
}

/* "recipients.0.address" as the table has it: "recipients.address". */
static void without_numbers(struct slice name, struct buffer *plain)
{
	struct slice part;

	while (slice_split(&name, '.', &part)) {
		size_t digits = 0;

		while (digits < part.len && isdigit((unsigned char)part.data[digits]))
			digits++;
		if (part.len == 0 || digits < part.len)
			buffer_printf(plain, "%s%.*s", plain->len > 0 ? "." : "", SLICE_ARGS(part));
	}
}

bool members_has(const struct members *members, struct slice name)
{
	BUFFER_AUTO struct buffer plain = {0};
	struct slice rest = slice_of(members->known), one;

	without_numbers(name, &plain);
	/* A dot too many, or a name of numbers alone. */
	if (name.len == 0 || name.data[0] == '.' || name.data[name.len - 1] == '.')
		return false;
	while (slice_split(&rest, ' ', &one))
		if (slice_equal(one, buffer_slice(&plain)))
			return true;
	return false;
}
