/*
 * The config file as lines: `name = value`, # starts a comment line, blank lines are nothing, a
 * value may stand in double quotes to keep its blanks. What a name means is options.c's business.
 */
#include "tools/tgclone/options_priv.h"

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r");
	len = strlen(s);
	while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
		len--;
	s[len] = 0;
	return s;
}

static char *unquote(char *s)
{
	size_t len = strlen(s);

	if (len < 2 || s[0] != '"' || s[len - 1] != '"')
		return s;
	s[len - 1] = 0;
	return s + 1;
}

static bool is_name(const char *s)
{
	return *s != 0 && s[strspn(s, "abcdefghijklmnopqrstuvwxyz-")] == 0;
}

int config_next(char **text, int *number, struct config_line *out)
{
	while (**text != 0) {
		char *line = *text, *equals;
		size_t len = strcspn(line, "\n");

		*text += len + (line[len] == '\n');
		line[len] = 0;
		++*number;
		line = trim(line);
		if (*line == 0 || *line == '#')
			continue;
		equals = strchr(line, '=');
		if (equals == NULL)
			return -1;
		*equals = 0;
		*out = (struct config_line){trim(line), unquote(trim(equals + 1)), *number};
		return is_name(out->name) ? 1 : -1;
	}
	return 0;
}
