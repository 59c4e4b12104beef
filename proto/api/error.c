/*
 * The table of error names and what each asks for. First match wins; a name that is not here is
 * judged by its suffix (..._WAIT_123) and then by its code.
 */
#include "proto/api/error.h"

#include <stddef.h>
#include <string.h>

enum { WAIT_MAX_S = 14 * 86400, WAIT_UNKNOWN_S = 60, DC_NUMBER_MAX = 1000 };

struct rule {
	const char *name;
	enum remedy remedy;
	const char *advice;
};

/* X stands for a number, * at the end for any rest. */
static const struct rule rules[] = {
	{"FLOOD_WAIT_X", REMEDY_WAIT, ""},
	{"FLOOD_PREMIUM_WAIT_X", REMEDY_WAIT, "speed limit of accounts without Premium"},
	{"SLOWMODE_WAIT_X", REMEDY_SLOWMODE, "slow mode of the target"},
	{"FLOOD_TEST_PHONE_WAIT_X", REMEDY_WAIT, ""},
	{"2FA_CONFIRM_WAIT_X", REMEDY_WAIT, ""},
	{"TAKEOUT_INIT_DELAY_X", REMEDY_WAIT, "approve the export on another device"},
	{"STORY_SEND_FLOOD_X", REMEDY_WAIT, ""},
	{"FLOOD_SKIP_FAILED_WAIT*", REMEDY_BACKOFF, ""},
	{"WORKER_BUSY_TOO_LONG_RETRY", REMEDY_BACKOFF, ""},
	{"FILE_MIGRATE_X", REMEDY_DC, ""},
	{"PHONE_MIGRATE_X", REMEDY_DC, ""},
	{"NETWORK_MIGRATE_X", REMEDY_DC, ""},
	{"USER_MIGRATE_X", REMEDY_DC, ""},
	{"STATS_MIGRATE_X", REMEDY_DC, ""},
	{"FILE_REFERENCE_EXPIRED", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_INVALID", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_EMPTY", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_X_EXPIRED", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_X_INVALID", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_X_EMPTY", REMEDY_REFERENCE, ""},
	{"FILE_REFERENCE_*", REMEDY_REFERENCE, ""},
	{"FILEREF_UPGRADE_NEEDED", REMEDY_ACCOUNT, "this program is too old for the server"},
	{"FILE_ID_INVALID", REMEDY_REFERENCE, ""},
	{"LOCATION_INVALID", REMEDY_REFERENCE, ""},
	{"FILE_PART_X_MISSING", REMEDY_PART, ""},
	{"FILE_PARTS_INVALID", REMEDY_REUPLOAD, ""},
	{"FILE_PART_*", REMEDY_REUPLOAD, ""},
	{"MD5_CHECKSUM_INVALID", REMEDY_REUPLOAD, ""},
	{"INPUT_FILE_INVALID", REMEDY_REUPLOAD, ""},
	{"RANDOM_ID_DUPLICATE", REMEDY_RECONCILE, ""},
	{"RANDOM_ID_EMPTY", REMEDY_ACCOUNT, "a fault of this program"},
	{"RANDOM_ID_INVALID", REMEDY_ACCOUNT, "a fault of this program"},
	{"PHOTO_*", REMEDY_DOCUMENT, ""},
	{"IMAGE_PROCESS_FAILED", REMEDY_DOCUMENT, ""},
	{"VIDEO_*", REMEDY_DOCUMENT, ""},
	{"MEDIA_GROUPED_INVALID", REMEDY_SINGLY, ""},
	{"GROUPED_MEDIA_INVALID", REMEDY_SINGLY, ""},
	{"MULTI_MEDIA_TOO_LONG", REMEDY_SINGLY, ""},
	{"SLOWMODE_MULTI_MSGS_DISABLED", REMEDY_SINGLY, "slow mode takes one message, or album, at a time"},
	{"MEDIA_CAPTION_TOO_LONG", REMEDY_SKIP, "the caption is longer than this account may send"},
	{"MESSAGE_TOO_LONG", REMEDY_SKIP, "the text is longer than this account may send"},
	{"ENTITIES_TOO_LONG", REMEDY_NO_ENTITY, ""},
	{"MEDIA_*", REMEDY_REFERENCE, ""},
	{"DOCUMENT_INVALID", REMEDY_REFERENCE, ""},
	{"ENTITY_*", REMEDY_NO_ENTITY, ""},
	{"REPLY_TO_MONOFORUM_PEER_INVALID", REMEDY_TARGET,
	 "it is the direct messages of a channel, which take no archive"},
	{"REPLY_*", REMEDY_NO_REPLY, ""},
	{"QUOTE_TEXT_INVALID", REMEDY_NO_REPLY, ""},
	{"WEBPAGE_*", REMEDY_NO_PREVIEW, ""},
	{"MESSAGE_NOT_MODIFIED", REMEDY_DONE, ""},
	{"CHAT_NOT_MODIFIED", REMEDY_DONE, ""},
	{"TOPIC_NOT_MODIFIED", REMEDY_DONE, ""},
	{"USER_ALREADY_PARTICIPANT", REMEDY_DONE, ""},
	{"CHAT_FORWARDS_RESTRICTED", REMEDY_SKIP, "the source is protected (see --allow-protected)"},
	{"MESSAGE_EMPTY", REMEDY_SKIP, ""},
	{"MESSAGE_IDS_EMPTY", REMEDY_SKIP, ""},
	{"MESSAGE_ID_INVALID", REMEDY_SKIP, ""},
	{"MSG_ID_INVALID", REMEDY_SKIP, ""},
	{"QUIZ_*", REMEDY_SKIP, "the answers of this quiz are not visible to this account"},
	{"POLL_*", REMEDY_SKIP, ""},
	{"TODO_*", REMEDY_SKIP, ""},
	{"BOT_GAMES_DISABLED", REMEDY_SKIP, "games do not go into channels"},
	{"BOT_PAYMENTS_DISABLED", REMEDY_SKIP, ""},
	{"GAME_*", REMEDY_SKIP, ""},
	{"EMOTICON_INVALID", REMEDY_SKIP, ""},
	{"EXTENDED_MEDIA_*", REMEDY_SKIP, "paid media does not go there"},
	{"STORY_*", REMEDY_SKIP, "the story is gone"},
	{"STORIES_*", REMEDY_SKIP, "the story is gone"},
	{"INVOICE_*", REMEDY_SKIP, ""},
	{"STARS_INVOICE_INVALID", REMEDY_SKIP, ""},
	{"PAYMENT_PROVIDER_INVALID", REMEDY_SKIP, ""},
	{"CURRENCY_TOTAL_AMOUNT_INVALID", REMEDY_SKIP, ""},
	{"CHANNEL_MONOFORUM_UNSUPPORTED", REMEDY_TARGET,
	 "it is the direct messages of a channel, which take no archive"},
	{"BROADCAST_PUBLIC_VOTERS_FORBIDDEN", REMEDY_SKIP, "polls with public voters do not go into channels"},
	{"VOICE_MESSAGES_FORBIDDEN", REMEDY_SKIP, ""},
	{"CHAT_SEND_PLAIN_FORBIDDEN", REMEDY_TARGET, "texts may not be sent there"},
	{"CHAT_SEND_*", REMEDY_TARGET, "that kind may not be sent there: allow it"},
	{"TOPIC_DELETED", REMEDY_TARGET, "the target topic is gone"},
	{"TOPIC_ID_INVALID", REMEDY_TARGET, "no such topic"},
	{"TOPIC_CLOSED", REMEDY_TARGET, "the target topic is closed: open it and run again"},
	{"CHANNEL_FORUM_MISSING", REMEDY_TARGET, "the target is not a forum"},
	{"CHAT_WRITE_FORBIDDEN", REMEDY_TARGET, "this account may not write there"},
	{"CHAT_ADMIN_REQUIRED", REMEDY_TARGET, "this account needs to be an administrator there"},
	{"USER_BANNED_IN_CHANNEL", REMEDY_TARGET, "this account is banned there, or limited for spam"},
	{"CHAT_RESTRICTED", REMEDY_TARGET, ""},
	{"CHAT_GUEST_SEND_FORBIDDEN", REMEDY_TARGET, "join the target first"},
	{"SEND_AS_PEER_INVALID", REMEDY_TARGET, ""},
	{"SCHEDULE_TOO_MUCH", REMEDY_TARGET,
	 "too many scheduled messages wait there, as videos do that are converted first"},
	{"ALLOW_PAYMENT_REQUIRED*", REMEDY_TARGET, "the target asks for payment; never paid here"},
	{"PAYMENT_UNSUPPORTED", REMEDY_TARGET, "the target asks for payment; never paid here"},
	{"PRIVACY_PREMIUM_REQUIRED", REMEDY_TARGET, ""},
	{"TTL_MEDIA_INVALID", REMEDY_SKIP, "what destroys itself goes into private chats only"},
	{"PREMIUM_ACCOUNT_REQUIRED", REMEDY_SKIP, "needs a Premium account"},
	{"USER_IS_BLOCKED", REMEDY_TARGET, ""},
	{"YOU_BLOCKED_USER", REMEDY_TARGET, ""},
	{"INPUT_USER_DEACTIVATED", REMEDY_TARGET, ""},
	{"PEER_ID_INVALID", REMEDY_TARGET,
	 "no such chat (any more): it may be a supergroup by now, a new run tells"},
	{"CHANNEL_INVALID", REMEDY_SOURCE, "this account has no access to that chat"},
	{"CHANNEL_PRIVATE", REMEDY_SOURCE, "this account is not in that chat (any more)"},
	{"CHANNEL_PUBLIC_GROUP_NA", REMEDY_SOURCE, "this account has no access to that chat (any more)"},
	{"CHAT_ID_INVALID", REMEDY_SOURCE,
	 "no such chat (any more): it may be a supergroup by now, a new run tells"},
	{"USER_ID_INVALID", REMEDY_SOURCE, ""},
	{"USERNAME_*", REMEDY_SOURCE, "no such name"},
	{"INVITE_*", REMEDY_SOURCE, "the invitation cannot be used"},
	{"CHANNELS_TOO_MUCH", REMEDY_ACCOUNT, "this account is in too many chats"},
	{"CHANNELS_ADMIN_*", REMEDY_ACCOUNT, "this account has too many chats of its own"},
	{"USER_CHANNELS_TOO_MUCH", REMEDY_ACCOUNT, "that user is in too many chats"},
	{"RECAPTCHA_*", REMEDY_ACCOUNT, "a captcha is demanded: use an official app, try again later"},
	{"CAPTCHA_*", REMEDY_ACCOUNT, "a captcha is demanded: use an official app, try again later"},
	{"INTEGRITY_CHECK_*", REMEDY_ACCOUNT, "a check is demanded that only official apps pass"},
	{"APNS_VERIFY_CHECK_*", REMEDY_ACCOUNT, "a check is demanded that only official apps pass"},
	{"PEER_FLOOD", REMEDY_ACCOUNT, "the account is limited for spam; do not go on for hours"},
	{"USER_RESTRICTED", REMEDY_ACCOUNT, "the account is limited"},
	{"FROZEN_*", REMEDY_ACCOUNT, "the account is frozen"},
	{"API_ID_*", REMEDY_ACCOUNT, "check the api_id and api_hash (https://my.telegram.org)"},
	{"CONNECTION_*", REMEDY_ACCOUNT, "the server refused the connection's data (api_id, layer)"},
	{"UPDATE_APP_TO_LOGIN", REMEDY_ACCOUNT, "the server wants a newer program"},
	{"AUTH_KEY_UNREGISTERED", REMEDY_LOGIN, "not logged in (any more)"},
	{"AUTH_KEY_DUPLICATED", REMEDY_LOGIN,
	 "the session was used from two places at once (a copied session file, two hosts)"},
	{"AUTH_KEY_INVALID", REMEDY_LOGIN, ""},
	{"AUTH_KEY_PERM_EMPTY", REMEDY_LOGIN, ""},
	{"SESSION_PASSWORD_NEEDED", REMEDY_ASK, ""},
	{"SESSION_*", REMEDY_LOGIN, "the session was ended from another device"},
	{"USER_DEACTIVATED*", REMEDY_LOGIN, "the account was deleted or banned"},
	{"PHONE_CODE_INVALID", REMEDY_ASK, "wrong code"},
	{"PHONE_CODE_EMPTY", REMEDY_ASK, "no code"},
	{"PHONE_CODE_EXPIRED", REMEDY_SKIP,
	 "too old, or it was shown in a chat, which ends it: log in again for another"},
	{"PASSWORD_HASH_INVALID", REMEDY_ASK, "wrong password"},
	{"PHONE_NUMBER_INVALID", REMEDY_ASK, "no such phone number"},
	{"PHONE_NUMBER_BANNED", REMEDY_ACCOUNT, "the phone number is banned"},
	{"PHONE_NUMBER_FLOOD", REMEDY_ACCOUNT, "too many codes were asked for; wait a day"},
	{"PHONE_PASSWORD_FLOOD", REMEDY_ACCOUNT, "too many attempts; wait a day"},
	{"MTPROTO_CLUSTER_INVALID", REMEDY_BACKOFF, ""},
	{"MSG_WAIT_FAILED", REMEDY_BACKOFF, ""},
	{"MSG_WAIT_TIMEOUT", REMEDY_BACKOFF, ""},
	{"RPC_CALL_FAIL", REMEDY_RECONCILE, ""},
	{"RPC_MCGET_FAIL", REMEDY_RECONCILE, ""},
};

/* One rule against one text. */
bool error_matches(const char *text, const char *name, int64_t *number)
{
	*number = -1;
	while (*name != '\0') {
		if (*name == '*' && name[1] == '\0')
			return true;
		/* X is a number only where it stands for a whole word. */
		if (*name == 'X' && (name[1] == '\0' || name[1] == '_') && name[-1] == '_') {
			int64_t value = 0;

			if (*text < '0' || *text > '9')
				return false;
			while (*text >= '0' && *text <= '9') {
				if (value < INT64_MAX / 20)
					value = value * 10 + (*text - '0');
				text++;
			}
			*number = value;
			name++;
			continue;
		}
		if (*name++ != *text++)
			return false;
	}
	return *text == '\0';
}

/* The number at the very end of a text, -1 when there is none. */
static int64_t suffix_number(const char *text)
{
	size_t len = strlen(text);
	size_t at = len;
	int64_t value = 0;

	while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9')
		at--;
	if (at == len || at == 0 || text[at - 1] != '_')
		return -1;
	for (size_t i = at; i < len && value < INT64_MAX / 20; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

/* A wait of nothing would be a request after the other: a second is the least (api.md 1). */
static int64_t wait_clamp(int64_t seconds)
{
	if (seconds < 0)
		return WAIT_UNKNOWN_S;
	if (seconds == 0)
		return 1;
	return seconds > WAIT_MAX_S ? WAIT_MAX_S : seconds;
}

static struct verdict by_code(int32_t code, const char *text)
{
	struct verdict v = {REMEDY_SKIP, 0, -1, ""};
	int64_t number = suffix_number(text);

	if (code == 420 || strstr(text, "_WAIT") != NULL) {
		v.remedy = REMEDY_WAIT;
		v.wait_s = wait_clamp(number);
	} else if (code == 303) {
		v.remedy = REMEDY_DC; /* a number that names no DC reads as none (S20) */
		v.number = number > 0 && number < DC_NUMBER_MAX ? (int32_t)number : -1;
	} else if (code == 401) {
		v.remedy = REMEDY_LOGIN;
	} else if (code >= 500 || code < 0) {
		v.remedy = REMEDY_RECONCILE;
	}
	return v;
}

struct verdict error_verdict(int32_t code, const char *text)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		struct verdict v = {r->remedy, 0, -1, r->advice};
		int64_t number;

		if (!error_matches(text, r->name, &number))
			continue;
		if (r->remedy == REMEDY_WAIT || r->remedy == REMEDY_SLOWMODE)
			v.wait_s = wait_clamp(number);
		else if (r->remedy == REMEDY_DC && (number == 0 || number >= DC_NUMBER_MAX))
			v.number = -1;
		else if (number >= 0 && number <= INT32_MAX)
			v.number = (int32_t)number;
		return v;
	}
	return by_code(code, text);
}

bool error_is_known(const char *text)
{
	int64_t number;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (error_matches(text, rules[i].name, &number))
			return true;
	return false;
}
