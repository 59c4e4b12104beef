/*
 * What a row says of its copy: losses, each with its reason behind a colon, as many as there is room for.
 * It knows the words' form and nothing of what they mean.
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

/* A loss may have its reason behind a colon. */
static bool tells(const char *note, const char *loss)
{
	size_t len = strcspn(loss, ":");

	while (*note != '\0') {
		if (strcspn(note, ":;") == len && memcmp(note, loss, len) == 0)
			return true;
		note += strcspn(note, ";");
		note += strspn(note, "; ");
	}
	return false;
}

static void drop_reasons(char *note)
{
	char *to = note;

	while (*note != '\0') {
		if (*note == ':')
			note += strcspn(note, ";");
		else
			*to++ = *note++;
	}
	*to = '\0';
}

void note_add(char note[GROUP_NOTE], const char *loss)
{
	size_t len = strlen(note), whole = strlen(loss);

	if (tells(note, loss))
		return;
	if (len + 2 + whole >= GROUP_NOTE)
		drop_reasons(note); /* rather than a loss that is cut short */
	len = strlen(note);
	if (len + 2 + whole >= GROUP_NOTE)
		whole = strcspn(loss, ":");
	snprintf(note + len, GROUP_NOTE - len, "%s%.*s", len > 0 ? "; " : "", (int)whole, loss);
}

void note_drop(char note[GROUP_NOTE], const char *loss)
{
	char all[GROUP_NOTE];
	const char *at = all;

	memcpy(all, note, sizeof(all));
	note[0] = '\0';
	while (*at != '\0') {
		char one[GROUP_NOTE];
		size_t len = strcspn(at, ";");

		snprintf(one, sizeof(one), "%.*s", (int)len, at);
		if (strncmp(one, loss, strlen(loss)) != 0)
			note_add(note, one);
		at += len;
		at += strspn(at, "; ");
	}
}

void note_join(char note[GROUP_NOTE], const char other[GROUP_NOTE])
{
	char loss[GROUP_NOTE];

	while (*other != '\0') {
		size_t len = strcspn(other, ";");

		snprintf(loss, sizeof(loss), "%.*s", (int)len, other);
		note_add(note, loss);
		other += len;
		other += strspn(other, "; ");
	}
}
