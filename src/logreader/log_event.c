/* Turns a parsed log line into the event that travels to the server. Nothing is copied: the event
 * lives as long as the line. */
#include "logreader/log_event.h"

struct log_proto_event log_event_of(const struct log_line *line)
{
	struct log_proto_event event = {
	    /* The protocol has 0 for a time that is not known. */
	    .time_us = line->time_us != LOG_TIME_UNKNOWN ? line->time_us : 0,
	    .event = (uint8_t)line->event,
	    .verb = (uint8_t)line->verb,
	    .severity = (uint8_t)line->severity,
	    .pid = line->pid,
	    .id = line->id,
	    .other_id = line->other_id,
	    .process = line->process,
	    .address = line->address,
	    .orig_to = line->orig_to,
	    .relay = line->relay,
	    .dsn = line->dsn,
	    .status = line->status,
	    .tls = line->tls,
	    .reason = line->reason,
	    .delay_ms = line->delay_ms,
	    .size = line->size,
	    .recipients = line->recipients,
	    .uid = line->uid,
	};

	for (int i = 0; i < 4; i++)
		event.delays_ms[i] = line->delays_ms[i];
	return event;
}
