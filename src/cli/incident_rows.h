/* Incidents as lines of a table, for `incidents` and `status`. */
#ifndef CLI_INCIDENT_ROWS_H
#define CLI_INCIDENT_ROWS_H

#include "cli/command.h"

/* The reply of GET /incidents: its list, nothing where it is empty. `ended`: with the state of
 * each. */
void incident_rows_print(const json_t *reply, bool ended);

#endif
