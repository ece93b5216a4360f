/* What the groups of a single sign-on make of a person: a role, rights given and taken away, and a
 * scope (access.group of the configuration). One map for every way in which somebody else says who
 * a person is and which groups he is in. Pure; checks a scope's length and not its meaning, which
 * filter/ knows.
 *
 * A line is `GROUP = ROLE [+RIGHT | -RIGHT]... [scope FILTER]`: a group whose name has a `=` or a
 * quotation mark in it stands in quotation marks, with a backslash before each of these and before
 * a backslash. */
#ifndef ACCESS_GROUPS_H
#define ACCESS_GROUPS_H

#include "access/role.h"

#define GROUPS_MAX 100	    /* lines */
#define GROUPS_NAME_MAX 256 /* bytes of a group's name */
#define GROUPS_LINE_MAX 4096

struct groups;

struct groups *groups_create(void);
/* Accepts a pointer to NULL. */
void groups_destroy(struct groups **groups);

/* Adds a line. False, with bad_config and what is wrong, for one that is no such line, that gives a
 * role what it may not be given (access_grant_check), for a group that is there already, and beyond
 * GROUPS_MAX. */
bool groups_add(struct groups *groups, struct slice line, struct error *err);
/* Adds lines with line feeds between them, as the configuration keeps them, up to the first that is
 * wrong. */
bool groups_add_lines(struct groups *groups, struct slice lines, struct error *err);

size_t groups_lines(const struct groups *groups);
/* Group number `index`, by its name; its scope, NULL for none. Valid as long as the groups. */
const char *groups_name(const struct groups *groups, size_t index);
const char *groups_scope(const struct groups *groups, size_t index);

/* The rights that the line gives and its scope takes away: those that it names, and of an admin
 * what he is an admin for. As bits; 0 without a scope. That an operator sets no pauses beside one
 * surprises nobody. */
uint32_t groups_lost(const struct groups *groups, size_t index);

/* What these groups make of a person who is in them all: the strongest role among them counts, and
 * of the groups with that role the scopes are joined by `or`; one of them without a scope means
 * everything. A right that one of them takes away, or does not give, is not given. So nobody may
 * do to a message what not one of his groups alone allows. Scopes that are too long together
 * (ACCESS_SCOPE_MAX) let nothing through. Groups that are not in the map add nothing; false when
 * none is in it. Names are compared byte by byte: who may make a group that only looks like one of
 * ours must not be let in by it. */
bool groups_map(const struct groups *groups, const struct slice *names, size_t count,
    struct access_grant *grant);
/* The group of the map that a name would be with other upper and lower case or blanks, for a hint;
 * NULL when there is none. */
const char *groups_nearly(const struct groups *groups, struct slice name);

#endif
