/*
 * help.* and langpack.*: configuration and the small questions that clients ask at their start.
 * Most answers are empty; help.getConfig and help.getAppConfig carry the limits that clients obey.
 */
#include "tools/tgsim/methods_priv.h"

enum { CONFIG_LIFE_S = 3600 };

static const struct tl_obj *dc_option(const struct rpc *r, const struct methods_dc *dc)
{
	struct tl_obj *o = tl_new(r->arena, TLC_dcOption);

	tl_set_flag(o, TLF_ipv6, strchr(dc->host, ':') != NULL);
	tl_set_flag(o, TLF_media_only, dc->media_only);
	tl_set_int(o, TLF_id, dc->id);
	tl_set_str(o, TLF_ip_address, dc->host);
	tl_set_int(o, TLF_port, dc->port);
	return o;
}

static void config_limits(struct tl_obj *o)
{
	static const struct {
		enum tlf field;
		int32_t value;
	} ints[] = {
	    {TLF_chat_size_max, 200},
	    {TLF_megagroup_size_max, 200000},
	    {TLF_forwarded_count_max, IDS_MAX},
	    {TLF_online_update_period_ms, 210000},
	    {TLF_offline_blur_timeout_ms, 5000},
	    {TLF_offline_idle_timeout_ms, 30000},
	    {TLF_online_cloud_timeout_ms, 300000},
	    {TLF_notify_cloud_delay_ms, 30000},
	    {TLF_notify_default_delay_ms, 1500},
	    {TLF_push_chat_period_ms, 60000},
	    {TLF_push_chat_limit, 2},
	    {TLF_saved_gifs_limit, 200},
	    {TLF_edit_time_limit, 172800},
	    {TLF_revoke_time_limit, 2147483647},
	    {TLF_revoke_pm_time_limit, 2147483647},
	    {TLF_rating_e_decay, 2419200},
	    {TLF_stickers_recent_limit, 200},
	    {TLF_stickers_faved_limit, 5},
	    {TLF_channels_read_media_period, 604800},
	    {TLF_pinned_dialogs_count_max, 5},
	    {TLF_pinned_infolder_count_max, 100},
	    {TLF_call_receive_timeout_ms, 20000},
	    {TLF_call_ring_timeout_ms, 90000},
	    {TLF_call_connect_timeout_ms, 30000},
	    {TLF_call_packet_timeout_ms, 10000},
	    {TLF_caption_length_max, CAPTION_UNITS_MAX},
	    {TLF_message_length_max, TEXT_UNITS_MAX},
	};

	for (size_t i = 0; i < countof(ints); i++)
		tl_set_int(o, ints[i].field, ints[i].value);
}

static void get_config(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct methods *m = methods_of(r->world);
	struct tl_obj *o = tl_new(r->arena, TLC_config);

	tl_set_int(o, TLF_date, rpc_date(r));
	tl_set_int(o, TLF_expires, rpc_date(r) + CONFIG_LIFE_S);
	tl_set_int(o, TLF_this_dc, r->dc);
	tl_set_vec(r->arena, o, TLF_dc_options, m->dc_count);
	for (uint32_t i = 0; i < m->dc_count; i++)
		tl_put_obj(o, TLF_dc_options, i, dc_option(r, &m->dcs[i]));
	tl_set_str(o, TLF_dc_txt_domain_name, "tgsim.invalid");
	tl_set_str(o, TLF_me_url_prefix, "https://t.me/");
	tl_set_int(o, TLF_webfile_dc_id, world_options(r->world)->file_dc);
	config_limits(o);
	rpc_result(out, o);
}

static void get_nearest_dc(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_nearestDc);

	tl_set_str(o, TLF_country, "BR");
	tl_set_int(o, TLF_this_dc, r->dc);
	tl_set_int(o, TLF_nearest_dc, methods_home(r->world));
	rpc_result(out, o);
}

static const struct tl_obj *json_number(const struct rpc *r, const char *key, double value)
{
	struct tl_obj *pair = tl_new(r->arena, TLC_jsonObjectValue);
	struct tl_obj *n = tl_new(r->arena, TLC_jsonNumber);

	tl_set_double(n, TLF_value, value);
	tl_set_str(pair, TLF_key, key);
	tl_set_obj(pair, TLF_value, n);
	return pair;
}

static void get_app_config(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	static const struct {
		const char *key;
		double value;
	} numbers[] = {
	    {"upload_max_fileparts_default", 4000},
	    {"upload_max_fileparts_premium", 8000},
	    {"caption_length_limit_default", CAPTION_UNITS_MAX},
	    {"caption_length_limit_premium", CAPTION_UNITS_PREMIUM},
	    {"small_queue_max_active_operations_count", 5},
	    {"large_queue_max_active_operations_count", 2},
	    {"topics_pinned_limit", PINNED_TOPICS_MAX},
	    {"quote_length_max", QUOTE_UNITS_MAX},
	    {"channels_limit_default", 500},
	    {"channels_limit_premium", 1000},
	};
	struct tl_obj *json = tl_new(r->arena, TLC_jsonObject);
	struct tl_obj *o = tl_new(r->arena, TLC_help_appConfig);

	tl_set_vec(r->arena, json, TLF_value, countof(numbers));
	for (uint32_t i = 0; i < countof(numbers); i++)
		tl_put_obj(json, TLF_value, i, json_number(r, numbers[i].key, numbers[i].value));
	tl_set_int(o, TLF_hash, 1);
	tl_set_obj(o, TLF_config, json);
	if (!rpc_newest_form(q))
		rpc_result(out, json); /* layer 144 has no wrapper around it */
	else if (tl_int(q, TLF_hash) == 1)
		rpc_result(out, tl_new(r->arena, TLC_help_appConfigNotModified));
	else
		rpc_result(out, o);
}

static void get_terms_update(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_help_termsOfServiceUpdateEmpty);

	tl_set_int(o, TLF_expires, rpc_date(r) + CONFIG_LIFE_S);
	rpc_result(out, o);
}

static void get_promo(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_help_promoDataEmpty);

	tl_set_int(o, TLF_expires, rpc_date(r) + CONFIG_LIFE_S);
	rpc_result(out, o);
}

static void get_cdn_config(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_cdnConfig));
}

static void get_no_update(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_help_noAppUpdate));
}

static void get_countries(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_help_countriesList));
}

static void get_colors(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_help_peerColors));
}

static void get_timezones(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_help_timezonesList));
}

static void get_invite_text(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_help_inviteText);

	tl_set_str(o, TLF_message, "tgsim");
	rpc_result(out, o);
}

static void accept(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_bool(r, out, true);
}

static void lang_pack(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_langPackDifference);

	tl_set_bytes(o, TLF_lang_code, tl_bytes(q, TLF_lang_code));
	tl_set_int(o, TLF_from_version, tl_int(q, TLF_from_version));
	tl_set_int(o, TLF_version, 1);
	rpc_result(out, o);
}

static void lang_vector(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new_vector(r->arena, 0));
}

static void lang_language(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_langPackLanguage);

	tl_set_flag(o, TLF_official, true);
	tl_set_str(o, TLF_name, "English");
	tl_set_str(o, TLF_native_name, "English");
	tl_set_str(o, TLF_lang_code, "en");
	tl_set_str(o, TLF_plural_code, "en");
	rpc_result(out, o);
}

#define ANYWHERE (METHOD_OPEN | METHOD_ANY_DC)

const struct method methods_help_table[] = {
    {TLC_help_getConfig, get_config, ANYWHERE, LIMIT_NONE},
    {TLC_help_getNearestDc, get_nearest_dc, ANYWHERE, LIMIT_NONE},
    {TLC_help_getAppConfig, get_app_config, ANYWHERE, LIMIT_NONE},
    {TLC_help_getCdnConfig, get_cdn_config, ANYWHERE, LIMIT_NONE},
    {TLC_help_getTermsOfServiceUpdate, get_terms_update, 0, LIMIT_NONE},
    {TLC_help_acceptTermsOfService, accept, 0, LIMIT_NONE},
    {TLC_help_getPromoData, get_promo, 0, LIMIT_NONE},
    {TLC_help_getAppUpdate, get_no_update, METHOD_OPEN, LIMIT_NONE},
    {TLC_help_getCountriesList, get_countries, ANYWHERE, LIMIT_NONE},
    {TLC_help_getPeerColors, get_colors, 0, LIMIT_NONE},
    {TLC_help_getPeerProfileColors, get_colors, 0, LIMIT_NONE},
    {TLC_help_getTimezonesList, get_timezones, METHOD_OPEN, LIMIT_NONE},
    {TLC_help_getInviteText, get_invite_text, 0, LIMIT_NONE},
    {TLC_help_saveAppLog, accept, ANYWHERE, LIMIT_NONE},
    {TLC_langpack_getLangPack, lang_pack, ANYWHERE, LIMIT_NONE},
    {TLC_langpack_getDifference, lang_pack, ANYWHERE, LIMIT_NONE},
    {TLC_langpack_getStrings, lang_vector, ANYWHERE, LIMIT_NONE},
    {TLC_langpack_getLanguages, lang_vector, ANYWHERE, LIMIT_NONE},
    {TLC_langpack_getLanguage, lang_language, ANYWHERE, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};
