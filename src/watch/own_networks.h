/* The networks that Postfix trusts (mynetworks), and loopback: clients in them are re-injecting
 * filters, gateways and web servers. They pass mail on for somebody, so they are no culprits. */
#ifndef WATCH_OWN_NETWORKS_H
#define WATCH_OWN_NETWORKS_H

#include <stdbool.h>

#include "base/slice.h"

struct own_networks;

/* From the value of mynetworks: "127.0.0.0/8, [::1]/128 192.0.2.7 !192.0.2.8". What names a table
 * or a file ("hash:/etc/postfix/networks") says nothing here. */
struct own_networks *own_networks_create(struct slice mynetworks);
/* Accepts a pointer to NULL. */
void own_networks_free(struct own_networks **networks);

/* `address` as the log and the queue have it: "192.0.2.7", "2001:db8::1". False for what is no
 * address ("unknown"). */
bool own_networks_contain(const struct own_networks *networks, struct slice address);

#endif
