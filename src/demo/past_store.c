/* Depths of the queue over a day, as samples of the service's own, and the outage as an incident
 * that is over. */
#include "base/hash.h"
#include "demo/past.h"
#include "store/db.h"
#include "store/incident_rows.h"
#include "store/samples.h"
#include "watch/incidents/incidents.h"

/* What waits on an ordinary day, and what the outage added at its worst. */
#define ORDINARY 86
#define OUTAGE 170
/* How long it took to deliver what the outage had kept. */
#define CLEARING_SECONDS 2700

/* Rises while a destination is away, and falls when it is back. */
static int64_t of_outage(int64_t ago)
{
	int64_t span = PAST_OUTAGE_FROM - PAST_OUTAGE_TO, since_back = PAST_OUTAGE_TO - ago;

	if (ago > PAST_OUTAGE_FROM || since_back > CLEARING_SECONDS)
		return 0;
	if (since_back < 0)
		return OUTAGE * (PAST_OUTAGE_FROM - ago) / span;
	return OUTAGE * (CLEARING_SECONDS - since_back) / CLEARING_SECONDS;
}

static struct sample at(int64_t taken, int64_t now)
{
	uint64_t noise = hash_u64((uint64_t)taken);
	struct sample sample = {.taken = taken};

	sample.count[QUEUE_DEFERRED] =
	    ORDINARY - 9 + (int64_t)(noise % 19) + of_outage(now - taken);
	sample.count[QUEUE_ACTIVE] = (int64_t)(noise >> 8) % 5;
	sample.count[QUEUE_INCOMING] = (int64_t)(noise >> 16) % 2;
	sample.count[QUEUE_CORRUPT] = 0;
	/* Some letters of 4 KiB. */
	sample.bytes = (sample.count[QUEUE_DEFERRED] + sample.count[QUEUE_ACTIVE]) * 4096;
	return sample;
}

static enum db_result add_depths(struct db *db, int64_t now, struct error *err)
{
	enum db_result result = DB_OK;

	for (int64_t taken = now - PAST_SECONDS; result == DB_OK && taken < now;
	     taken += SAMPLES_STEP) {
		struct sample sample = at(taken, now);

		result = samples_add(db, &sample, err);
	}
	return result;
}

static enum db_result add_moment(
    struct db *db, enum incident_moment_kind kind, int64_t when, char *text, struct error *err)
{
	struct incident_moment moment = {.at = when, .kind = kind, .text = text};

	return incident_rows_add_moment(db, 1, &moment, err);
}

static enum db_result add_outage(struct db *db, int64_t now, struct error *err)
{
	int64_t from = now - PAST_OUTAGE_FROM, to = now - PAST_OUTAGE_TO;
	char key[] = "customer.example", cause[] = "connection-refused";
	char title[] = "customer.example: the server refuses connections";
	char text[] = "Nothing got through. Usually passes.";
	char filter[] = "domain:=customer.example cause:=connection-refused";
	char evidence[] = "180 attempts failed in 30 minutes, 0 succeeded";
	char quiet[] = "It takes mail again.", ended[] = "Ended.";
	struct incident_row row = {.id = 1,
	    .kind = INCIDENT_DESTINATION,
	    .severity = INCIDENT_WATCH,
	    .state = INCIDENT_ENDED,
	    .subject = INCIDENT_OF_DOMAIN,
	    .key = key,
	    .cause = cause,
	    .title = title,
	    .text = text,
	    .filter = filter,
	    .since = from,
	    .noticed = from + 180,
	    .until = to,
	    .actions = INCIDENT_DO_RETRY_GENTLY | INCIDENT_DO_HELP,
	    .evidence = {{.text = evidence}},
	    .evidence_count = 1};
	enum db_result result;

	for (int64_t i = 0; i < INCIDENT_ROWS_POINTS; i++)
		row.points[i] = (int32_t)of_outage((INCIDENT_ROWS_POINTS - 1 - i) * 3600);
	result = incident_rows_put(db, &row, err);
	if (result == DB_OK)
		result = add_moment(db, INCIDENT_MOMENT_OPENED, from + 180, title, err);
	if (result == DB_OK)
		result = add_moment(db, INCIDENT_MOMENT_QUIET, to, quiet, err);
	if (result == DB_OK)
		result = add_moment(db, INCIDENT_MOMENT_ENDED, to + 1800, ended, err);
	return result;
}

bool past_write_store(const char *database, const char *user, int64_t now, struct error *err)
{
	struct db_health health;
	struct db *db;
	enum db_result result;

	if (!db_prepare(database, user, err) || (db = db_open(database, &health, err)) == NULL)
		return false;
	result = db_begin(db, err);
	if (result == DB_OK)
		result = add_depths(db, now, err);
	if (result == DB_OK)
		result = add_outage(db, now, err);
	if (result == DB_OK)
		result = db_commit(db, err);
	db_close(&db);
	return result == DB_OK;
}
