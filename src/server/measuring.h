/* The metrics of this server: what counts as things happen, and what a scrape is filled with. */
#ifndef SERVER_MEASURING_H
#define SERVER_MEASURING_H

#include "server/internal.h"
#include "store/job_rows.h"

struct measuring;

/* First of all parts, so that they can count. */
struct measuring *measuring_create(struct server *server);
/* When query, rates and incidents are there, and the configuration is known. */
void measuring_begin(struct measuring *measuring);
/* With the parts that it was begun with. Accepts a pointer to NULL. */
void measuring_destroy(struct measuring **measuring);

/* For everybody who counts something. */
struct metrics *measuring_metrics(struct measuring *measuring);

/* A frame of a minute of the log: its head, each count, the end. */
struct log_metrics *measuring_log(struct measuring *measuring);
void measuring_role(struct measuring *measuring, const struct control_role_state *state);
/* A job has changed; one that has ended is counted once. */
void measuring_job(struct measuring *measuring, const struct job_row *job);

/* For struct api_services, with the server as context. */
void measuring_write(void *server, enum metrics_format format, struct buffer *out);

#endif
