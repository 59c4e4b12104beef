/*
 * TL: constructor ids, strings, scalars, whole objects of layer 228, gzip_packed. Encodings
 * are hex in wire order.
 */
#ifndef TGCLONE_VECTORS_TL_H
#define TGCLONE_VECTORS_TL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* line: as in the schema; normalised: what its CRC-32 is taken of. */
static const struct vec_crc32 {
	const char *name;
	uint64_t id;
	const char *line;
	const char *normalised;
} vec_crc32[] = {
	{
		.name = "boolTrue",
		.id = 0x00000000997275b5u,
		.line = "boolTrue#997275b5 = Bool;",
		.normalised = "boolTrue = Bool",
	},
	{
		.name = "boolFalse",
		.id = 0x00000000bc799737u,
		.line = "boolFalse#bc799737 = Bool;",
		.normalised = "boolFalse = Bool",
	},
	{
		.name = "true",
		.id = 0x000000003fedd339u,
		.line = "true#3fedd339 = True;",
		.normalised = "true = True",
	},
	{
		.name = "inputPeerChannel",
		.id = 0x0000000027bcbbfcu,
		.line =
				"inputPeerChannel#27bcbbfc channel_id:long access_hash:long = Inp"
				"utPeer;",
		.normalised = "inputPeerChannel channel_id:long access_hash:long = InputPeer",
	},
	{
		.name = "inputPeerSelf",
		.id = 0x000000007da07ec9u,
		.line = "inputPeerSelf#7da07ec9 = InputPeer;",
		.normalised = "inputPeerSelf = InputPeer",
	},
	{
		.name = "inputDocumentFileLocation",
		.id = 0x00000000bad07584u,
		.line =
				"inputDocumentFileLocation#bad07584 id:long access_hash:long file"
				"_reference:bytes thumb_size:string = InputFileLocation;",
		.normalised =
				"inputDocumentFileLocation id:long access_hash:long file_referenc"
				"e:string thumb_size:string = InputFileLocation",
	},
	{
		.name = "message",
		.id = 0x000000007600b9d3u,
		.line =
				"message#7600b9d3 flags:# out:flags.1?true mentioned:flags.4?true"
				" media_unread:flags.5?true silent:flags.13?true post:flags.14?tr"
				"ue from_scheduled:flags.18?true legacy:flags.19?true edit_hide:f"
				"lags.21?true pinned:flags.24?true noforwards:flags.26?true inver"
				"t_media:flags.27?true flags2:# offline:flags2.1?true video_proce"
				"ssing_pending:flags2.4?true paid_suggested_post_stars:flags2.8?t"
				"rue paid_suggested_post_ton:flags2.9?true id:int from_id:flags.8"
				"?Peer from_boosts_applied:flags.29?int from_rank:flags2.12?strin"
				"g peer_id:Peer saved_peer_id:flags.28?Peer fwd_from:flags.2?Mess"
				"ageFwdHeader via_bot_id:flags.11?long via_business_bot_id:flags2"
				".0?long guestchat_via_from:flags2.19?Peer reply_to:flags.3?Messa"
				"geReplyHeader date:int message:string media:flags.9?MessageMedia"
				" reply_markup:flags.6?ReplyMarkup entities:flags.7?Vector<Messag"
				"eEntity> views:flags.10?int forwards:flags.10?int replies:flags."
				"23?MessageReplies edit_date:flags.15?int post_author:flags.16?st"
				"ring grouped_id:flags.17?long reactions:flags.20?MessageReaction"
				"s restriction_reason:flags.22?Vector<RestrictionReason> ttl_peri"
				"od:flags.25?int quick_reply_shortcut_id:flags.30?int effect:flag"
				"s2.2?long factcheck:flags2.3?FactCheck report_delivery_until_dat"
				"e:flags2.5?int paid_message_stars:flags2.6?long suggested_post:f"
				"lags2.7?SuggestedPost schedule_repeat_period:flags2.10?int summa"
				"ry_from_language:flags2.11?string rich_message:flags2.13?RichMes"
				"sage = Message;",
		.normalised =
				"message flags:# flags2:# id:int from_id:flags.8?Peer from_boosts"
				"_applied:flags.29?int from_rank:flags2.12?string peer_id:Peer sa"
				"ved_peer_id:flags.28?Peer fwd_from:flags.2?MessageFwdHeader via_"
				"bot_id:flags.11?long via_business_bot_id:flags2.0?long guestchat"
				"_via_from:flags2.19?Peer reply_to:flags.3?MessageReplyHeader dat"
				"e:int message:string media:flags.9?MessageMedia reply_markup:fla"
				"gs.6?ReplyMarkup entities:flags.7?Vector MessageEntity views:fla"
				"gs.10?int forwards:flags.10?int replies:flags.23?MessageReplies "
				"edit_date:flags.15?int post_author:flags.16?string grouped_id:fl"
				"ags.17?long reactions:flags.20?MessageReactions restriction_reas"
				"on:flags.22?Vector RestrictionReason ttl_period:flags.25?int qui"
				"ck_reply_shortcut_id:flags.30?int effect:flags2.2?long factcheck"
				":flags2.3?FactCheck report_delivery_until_date:flags2.5?int paid"
				"_message_stars:flags2.6?long suggested_post:flags2.7?SuggestedPo"
				"st schedule_repeat_period:flags2.10?int summary_from_language:fl"
				"ags2.11?string rich_message:flags2.13?RichMessage = Message",
	},
	{
		.name = "message",
		.id = 0x000000005bb8e511u,
		.line =
				"message#5bb8e511 msg_id:long seqno:int bytes:int body:Object = M"
				"essage;",
		.normalised = "message msg_id:long seqno:int bytes:int body:Object = Message",
	},
	{
		.name = "document",
		.id = 0x000000008fd4c4d8u,
		.line =
				"document#8fd4c4d8 flags:# id:long access_hash:long file_referenc"
				"e:bytes date:int mime_type:string size:long thumbs:flags.0?Vecto"
				"r<PhotoSize> video_thumbs:flags.1?Vector<VideoSize> dc_id:int at"
				"tributes:Vector<DocumentAttribute> = Document;",
		.normalised =
				"document flags:# id:long access_hash:long file_reference:string "
				"date:int mime_type:string size:long thumbs:flags.0?Vector PhotoS"
				"ize video_thumbs:flags.1?Vector VideoSize dc_id:int attributes:V"
				"ector DocumentAttribute = Document",
	},
	{
		.name = "photo",
		.id = 0x00000000fb197a65u,
		.line =
				"photo#fb197a65 flags:# has_stickers:flags.0?true id:long access_"
				"hash:long file_reference:bytes date:int sizes:Vector<PhotoSize> "
				"video_sizes:flags.1?Vector<VideoSize> dc_id:int = Photo;",
		.normalised =
				"photo flags:# id:long access_hash:long file_reference:string dat"
				"e:int sizes:Vector PhotoSize video_sizes:flags.1?Vector VideoSiz"
				"e dc_id:int = Photo",
	},
	{
		.name = "upload.getFile",
		.id = 0x00000000be5335beu,
		.line =
				"upload.getFile#be5335be flags:# precise:flags.0?true cdn_support"
				"ed:flags.1?true location:InputFileLocation offset:long limit:int"
				" = upload.File;",
		.normalised =
				"upload.getFile flags:# location:InputFileLocation offset:long li"
				"mit:int = upload.File",
	},
	{
		.name = "upload.saveBigFilePart",
		.id = 0x00000000de7b673du,
		.line =
				"upload.saveBigFilePart#de7b673d file_id:long file_part:int file_"
				"total_parts:int bytes:bytes = Bool;",
		.normalised =
				"upload.saveBigFilePart file_id:long file_part:int file_total_par"
				"ts:int bytes:string = Bool",
	},
	{
		.name = "upload.saveFilePart",
		.id = 0x00000000b304a621u,
		.line =
				"upload.saveFilePart#b304a621 file_id:long file_part:int bytes:by"
				"tes = Bool;",
		.normalised =
				"upload.saveFilePart file_id:long file_part:int bytes:string = Bo"
				"ol",
	},
	{
		.name = "messages.sendMedia",
		.id = 0x000000000330e77fu,
		.line =
				"messages.sendMedia#0330e77f flags:# silent:flags.5?true backgrou"
				"nd:flags.6?true clear_draft:flags.7?true noforwards:flags.14?tru"
				"e update_stickersets_order:flags.15?true invert_media:flags.16?t"
				"rue allow_paid_floodskip:flags.19?true peer:InputPeer reply_to:f"
				"lags.0?InputReplyTo media:InputMedia message:string random_id:lo"
				"ng reply_markup:flags.2?ReplyMarkup entities:flags.3?Vector<Mess"
				"ageEntity> schedule_date:flags.10?int schedule_repeat_period:fla"
				"gs.24?int send_as:flags.13?InputPeer quick_reply_shortcut:flags."
				"17?InputQuickReplyShortcut effect:flags.18?long allow_paid_stars"
				":flags.21?long suggested_post:flags.22?SuggestedPost = Updates;",
		.normalised =
				"messages.sendMedia flags:# peer:InputPeer reply_to:flags.0?Input"
				"ReplyTo media:InputMedia message:string random_id:long reply_mar"
				"kup:flags.2?ReplyMarkup entities:flags.3?Vector MessageEntity sc"
				"hedule_date:flags.10?int schedule_repeat_period:flags.24?int sen"
				"d_as:flags.13?InputPeer quick_reply_shortcut:flags.17?InputQuick"
				"ReplyShortcut effect:flags.18?long allow_paid_stars:flags.21?lon"
				"g suggested_post:flags.22?SuggestedPost = Updates",
	},
	{
		.name = "messages.sendMultiMedia",
		.id = 0x000000001bf89d74u,
		.line =
				"messages.sendMultiMedia#1bf89d74 flags:# silent:flags.5?true bac"
				"kground:flags.6?true clear_draft:flags.7?true noforwards:flags.1"
				"4?true update_stickersets_order:flags.15?true invert_media:flags"
				".16?true allow_paid_floodskip:flags.19?true peer:InputPeer reply"
				"_to:flags.0?InputReplyTo multi_media:Vector<InputSingleMedia> sc"
				"hedule_date:flags.10?int send_as:flags.13?InputPeer quick_reply_"
				"shortcut:flags.17?InputQuickReplyShortcut effect:flags.18?long a"
				"llow_paid_stars:flags.21?long = Updates;",
		.normalised =
				"messages.sendMultiMedia flags:# peer:InputPeer reply_to:flags.0?"
				"InputReplyTo multi_media:Vector InputSingleMedia schedule_date:f"
				"lags.10?int send_as:flags.13?InputPeer quick_reply_shortcut:flag"
				"s.17?InputQuickReplyShortcut effect:flags.18?long allow_paid_sta"
				"rs:flags.21?long = Updates",
	},
	{
		.name = "messages.forwardMessages",
		.id = 0x0000000013704a7cu,
		.line =
				"messages.forwardMessages#13704a7c flags:# silent:flags.5?true ba"
				"ckground:flags.6?true with_my_score:flags.8?true drop_author:fla"
				"gs.11?true drop_media_captions:flags.12?true noforwards:flags.14"
				"?true allow_paid_floodskip:flags.19?true from_peer:InputPeer id:"
				"Vector<int> random_id:Vector<long> to_peer:InputPeer top_msg_id:"
				"flags.9?int reply_to:flags.22?InputReplyTo schedule_date:flags.1"
				"0?int schedule_repeat_period:flags.24?int send_as:flags.13?Input"
				"Peer quick_reply_shortcut:flags.17?InputQuickReplyShortcut effec"
				"t:flags.18?long video_timestamp:flags.20?int allow_paid_stars:fl"
				"ags.21?long suggested_post:flags.23?SuggestedPost = Updates;",
		.normalised =
				"messages.forwardMessages flags:# from_peer:InputPeer id:Vector i"
				"nt random_id:Vector long to_peer:InputPeer top_msg_id:flags.9?in"
				"t reply_to:flags.22?InputReplyTo schedule_date:flags.10?int sche"
				"dule_repeat_period:flags.24?int send_as:flags.13?InputPeer quick"
				"_reply_shortcut:flags.17?InputQuickReplyShortcut effect:flags.18"
				"?long video_timestamp:flags.20?int allow_paid_stars:flags.21?lon"
				"g suggested_post:flags.23?SuggestedPost = Updates",
	},
	{
		.name = "initConnection",
		.id = 0x00000000c1cd5ea9u,
		.line =
				"initConnection#c1cd5ea9 {X:Type} flags:# api_id:int device_model"
				":string system_version:string app_version:string system_lang_cod"
				"e:string lang_pack:string lang_code:string proxy:flags.0?InputCl"
				"ientProxy params:flags.1?JSONValue query:!X = X;",
		.normalised =
				"initConnection X:Type flags:# api_id:int device_model:string sys"
				"tem_version:string app_version:string system_lang_code:string la"
				"ng_pack:string lang_code:string proxy:flags.0?InputClientProxy p"
				"arams:flags.1?JSONValue query:!X = X",
	},
	{
		.name = "invokeWithLayer",
		.id = 0x00000000da9b0d0du,
		.line = "invokeWithLayer#da9b0d0d {X:Type} layer:int query:!X = X;",
		.normalised = "invokeWithLayer X:Type layer:int query:!X = X",
	},
	{
		.name = "help.getConfig",
		.id = 0x00000000c4f9186bu,
		.line = "help.getConfig#c4f9186b = Config;",
		.normalised = "help.getConfig = Config",
	},
	{
		.name = "channel",
		.id = 0x00000000d49f34c6u,
		.line =
				"channel#d49f34c6 flags:# creator:flags.0?true left:flags.2?true "
				"broadcast:flags.5?true verified:flags.7?true megagroup:flags.8?t"
				"rue restricted:flags.9?true signatures:flags.11?true min:flags.1"
				"2?true scam:flags.19?true has_link:flags.20?true has_geo:flags.2"
				"1?true slowmode_enabled:flags.22?true call_active:flags.23?true "
				"call_not_empty:flags.24?true fake:flags.25?true gigagroup:flags."
				"26?true noforwards:flags.27?true join_to_send:flags.28?true join"
				"_request:flags.29?true forum:flags.30?true flags2:# stories_hidd"
				"en:flags2.1?true stories_hidden_min:flags2.2?true stories_unavai"
				"lable:flags2.3?true signature_profiles:flags2.12?true autotransl"
				"ation:flags2.15?true broadcast_messages_allowed:flags2.16?true m"
				"onoforum:flags2.17?true forum_tabs:flags2.19?true id:long access"
				"_hash:flags.13?long title:string username:flags.6?string photo:C"
				"hatPhoto date:int restriction_reason:flags.9?Vector<RestrictionR"
				"eason> admin_rights:flags.14?ChatAdminRights banned_rights:flags"
				".15?ChatBannedRights default_banned_rights:flags.18?ChatBannedRi"
				"ghts participants_count:flags.17?int usernames:flags2.0?Vector<U"
				"sername> stories_max_id:flags2.4?RecentStory color:flags2.7?Peer"
				"Color profile_color:flags2.8?PeerColor emoji_status:flags2.9?Emo"
				"jiStatus level:flags2.10?int subscription_until_date:flags2.11?i"
				"nt bot_verification_icon:flags2.13?long send_paid_messages_stars"
				":flags2.14?long linked_monoforum_id:flags2.18?long linked_commun"
				"ity_id:flags2.20?long = Chat;",
		.normalised =
				"channel flags:# flags2:# id:long access_hash:flags.13?long title"
				":string username:flags.6?string photo:ChatPhoto date:int restric"
				"tion_reason:flags.9?Vector RestrictionReason admin_rights:flags."
				"14?ChatAdminRights banned_rights:flags.15?ChatBannedRights defau"
				"lt_banned_rights:flags.18?ChatBannedRights participants_count:fl"
				"ags.17?int usernames:flags2.0?Vector Username stories_max_id:fla"
				"gs2.4?RecentStory color:flags2.7?PeerColor profile_color:flags2."
				"8?PeerColor emoji_status:flags2.9?EmojiStatus level:flags2.10?in"
				"t subscription_until_date:flags2.11?int bot_verification_icon:fl"
				"ags2.13?long send_paid_messages_stars:flags2.14?long linked_mono"
				"forum_id:flags2.18?long linked_community_id:flags2.20?long = Cha"
				"t",
	},
	{
		.name = "config",
		.id = 0x00000000cc1a241eu,
		.line =
				"config#cc1a241e flags:# default_p2p_contacts:flags.3?true preloa"
				"d_featured_stickers:flags.4?true revoke_pm_inbox:flags.6?true bl"
				"ocked_mode:flags.8?true force_try_ipv6:flags.14?true date:int ex"
				"pires:int test_mode:Bool this_dc:int dc_options:Vector<DcOption>"
				" dc_txt_domain_name:string chat_size_max:int megagroup_size_max:"
				"int forwarded_count_max:int online_update_period_ms:int offline_"
				"blur_timeout_ms:int offline_idle_timeout_ms:int online_cloud_tim"
				"eout_ms:int notify_cloud_delay_ms:int notify_default_delay_ms:in"
				"t push_chat_period_ms:int push_chat_limit:int edit_time_limit:in"
				"t revoke_time_limit:int revoke_pm_time_limit:int rating_e_decay:"
				"int stickers_recent_limit:int channels_read_media_period:int tmp"
				"_sessions:flags.0?int call_receive_timeout_ms:int call_ring_time"
				"out_ms:int call_connect_timeout_ms:int call_packet_timeout_ms:in"
				"t me_url_prefix:string autoupdate_url_prefix:flags.7?string gif_"
				"search_username:flags.9?string venue_search_username:flags.10?st"
				"ring img_search_username:flags.11?string static_maps_provider:fl"
				"ags.12?string caption_length_max:int message_length_max:int webf"
				"ile_dc_id:int suggested_lang_code:flags.2?string lang_pack_versi"
				"on:flags.2?int base_lang_pack_version:flags.2?int reactions_defa"
				"ult:flags.15?Reaction autologin_token:flags.16?string = Config;",
		.normalised =
				"config flags:# date:int expires:int test_mode:Bool this_dc:int d"
				"c_options:Vector DcOption dc_txt_domain_name:string chat_size_ma"
				"x:int megagroup_size_max:int forwarded_count_max:int online_upda"
				"te_period_ms:int offline_blur_timeout_ms:int offline_idle_timeou"
				"t_ms:int online_cloud_timeout_ms:int notify_cloud_delay_ms:int n"
				"otify_default_delay_ms:int push_chat_period_ms:int push_chat_lim"
				"it:int edit_time_limit:int revoke_time_limit:int revoke_pm_time_"
				"limit:int rating_e_decay:int stickers_recent_limit:int channels_"
				"read_media_period:int tmp_sessions:flags.0?int call_receive_time"
				"out_ms:int call_ring_timeout_ms:int call_connect_timeout_ms:int "
				"call_packet_timeout_ms:int me_url_prefix:string autoupdate_url_p"
				"refix:flags.7?string gif_search_username:flags.9?string venue_se"
				"arch_username:flags.10?string img_search_username:flags.11?strin"
				"g static_maps_provider:flags.12?string caption_length_max:int me"
				"ssage_length_max:int webfile_dc_id:int suggested_lang_code:flags"
				".2?string lang_pack_version:flags.2?int base_lang_pack_version:f"
				"lags.2?int reactions_default:flags.15?Reaction autologin_token:f"
				"lags.16?string = Config",
	},
	{
		.name = "resPQ",
		.id = 0x0000000005162463u,
		.line =
				"resPQ#05162463 nonce:int128 server_nonce:int128 pq:bytes server_"
				"public_key_fingerprints:Vector<long> = ResPQ;",
		.normalised =
				"resPQ nonce:int128 server_nonce:int128 pq:string server_public_k"
				"ey_fingerprints:Vector long = ResPQ",
	},
	{
		.name = "req_pq_multi",
		.id = 0x00000000be7e8ef1u,
		.line = "req_pq_multi#be7e8ef1 nonce:int128 = ResPQ;",
		.normalised = "req_pq_multi nonce:int128 = ResPQ",
	},
	{
		.name = "msg_container",
		.id = 0x0000000073f1f8dcu,
		.line =
				"msg_container#73f1f8dc messages:vector<message> = MessageContain"
				"er;",
		.normalised = "msg_container messages:vector message = MessageContainer",
	},
	{
		.name = "rpc_result",
		.id = 0x00000000f35c6d01u,
		.line = "rpc_result#f35c6d01 req_msg_id:long result:Object = RpcResult;",
		.normalised = "rpc_result req_msg_id:long result:Object = RpcResult",
	},
	{
		.name = "gzip_packed",
		.id = 0x000000003072cfa1u,
		.line = "gzip_packed#3072cfa1 packed_data:bytes = Object;",
		.normalised = "gzip_packed packed_data:string = Object",
	},
	{
		.name = "future_salts",
		.id = 0x00000000ae500895u,
		.line =
				"future_salts#ae500895 req_msg_id:long now:int salts:vector<futur"
				"e_salt> = FutureSalts;",
		.normalised =
				"future_salts req_msg_id:long now:int salts:vector future_salt = "
				"FutureSalts",
	},
	{
		.name = "bad_server_salt",
		.id = 0x00000000edab447bu,
		.line =
				"bad_server_salt#edab447b bad_msg_id:long bad_msg_seqno:int error"
				"_code:int new_server_salt:long = BadMsgNotification;",
		.normalised =
				"bad_server_salt bad_msg_id:long bad_msg_seqno:int error_code:int"
				" new_server_salt:long = BadMsgNotification",
	},
	{
		.name = "vector",
		.id = 0x000000001cb5c415u,
		.line = "vector#1cb5c415 {t:Type} # [ t ] = Vector t;",
		.normalised = "vector t:Type # [ t ] = Vector t",
	},
};

/* bytes and strings. */
static const struct vec_tl_string {
	const char *name;
	const char *value; /* hex */
	const char *encoded;
} vec_tl_string[] = {
	{
		.name = "len_0",
		.value = "",
		.encoded = "00000000",
	},
	{
		.name = "len_1",
		.value = "f2",
		.encoded = "01f20000",
	},
	{
		.name = "len_2",
		.value = "f201",
		.encoded = "02f20100",
	},
	{
		.name = "len_3",
		.value = "f201ae",
		.encoded = "03f201ae",
	},
	{
		.name = "len_4",
		.value = "f201ae09",
		.encoded = "04f201ae09000000",
	},
	{
		.name = "len_5",
		.value = "f201ae090a",
		.encoded = "05f201ae090a0000",
	},
	{
		.name = "len_252",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad",
		.encoded =
				"fcf201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e561"
				"73b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b6"
				"61de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311"
				"aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b"
				"92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad"
				"74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0836859"
				"727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20"
				"fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad000000",
	},
	{
		.name = "len_253",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad06",
		.encoded =
				"fdf201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e561"
				"73b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b6"
				"61de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311"
				"aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b"
				"92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad"
				"74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0836859"
				"727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20"
				"fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad060000",
	},
	{
		.name = "len_254",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad06fd",
		.encoded =
				"fefe0000f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a760"
				"19e56173b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a56196"
				"0bc6b661de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4"
				"279311aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb91"
				"9b006b92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be"
				"3fe6ad74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0"
				"836859727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0"
				"ae8f20fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad"
				"06fd0000",
	},
	{
		.name = "len_255",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad06fd44",
		.encoded =
				"feff0000f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a760"
				"19e56173b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a56196"
				"0bc6b661de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4"
				"279311aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb91"
				"9b006b92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be"
				"3fe6ad74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0"
				"836859727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0"
				"ae8f20fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad"
				"06fd4400",
	},
	{
		.name = "len_256",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad06fd442d",
		.encoded =
				"fe000100f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a760"
				"19e56173b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a56196"
				"0bc6b661de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4"
				"279311aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb91"
				"9b006b92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be"
				"3fe6ad74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0"
				"836859727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0"
				"ae8f20fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad"
				"06fd442d",
	},
	{
		.name = "len_257",
		.value =
				"f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a76019e56173"
				"b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a561960bc6b661"
				"de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4279311ab"
				"a492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb919b006b92"
				"060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be3fe6ad74"
				"ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba083685972"
				"7998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0ae8f20fc"
				"b7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad06fd442d"
				"da",
		.encoded =
				"fe010100f201ae090aba2ffd7c9f7636d98d23828b8a7b3783747c53cd59a760"
				"19e56173b5555da23515d365ca4aaf6838d6eaebdd4d35269438fb4e55a56196"
				"0bc6b661de4afe7e404629c4240682a524326c1b2e3104d665fd5e22c7a69fe4"
				"279311aba492b05a100f9fc27f388a6b4219910a6dace0fdea458ad0390eeb91"
				"9b006b92060655658ee65b04f960acba8807ed202c6c73eeec94fc3a9b43e1be"
				"3fe6ad74ebb231977193d0927b9fe55aae3354d45cab99ce347abf1e9a981ba0"
				"836859727998332b2ff435f66de48c2eaecf4bf278c774e466818158fc0710a0"
				"ae8f20fcb7230fdd7fc952d6ec98f1d8bf193dcf923665b15b725634e85e8bad"
				"06fd442dda000000",
	},
	{
		.name = "utf8",
		.value = "d09fd180d0b8d0b2d0b5d1822c20e4b896e7958c",
		.encoded = "14d09fd180d0b8d0b2d0b5d1822c20e4b896e7958c000000",
	},
};

/* value: vec_filler() of the label. */
static const struct vec_tl_string_big {
	const char *name;
	const char *label;
	uint32_t len;
	const char *value_sha256;
	const char *encoded_first_8;
	const char *encoded_last_8;
	uint32_t encoded_len;
	const char *encoded_sha256;
} vec_tl_string_big[] = {
	{
		.name = "len_65535",
		.label = "tgclone tl string",
		.len = 65535u,
		.value_sha256 = "0066d02ed81f81802c8ac5aae759be4a29159cdfc58424159dacefe8302b18ce",
		.encoded_first_8 = "feffff00f201ae09",
		.encoded_last_8 = "ed716ebc5903e200",
		.encoded_len = 65540u,
		.encoded_sha256 =
				"8197c0abf7125674d4f337fd7c9953b201397017417a22dbdbc913f0f4fb4816",
	},
	{
		.name = "len_65536",
		.label = "tgclone tl string",
		.len = 65536u,
		.value_sha256 = "da37beb014c9c1ec59fc6dddb3965da577ec91e4e24702a800e66da08a718e22",
		.encoded_first_8 = "fe000001f201ae09",
		.encoded_last_8 = "ed716ebc5903e25e",
		.encoded_len = 65540u,
		.encoded_sha256 =
				"f58b3007404b3ee2f4212644cf324306ab3ecd441d1f2198c4170f8b4cfa0721",
	},
};

enum vec_scalar { VEC_INT, VEC_LONG, VEC_DOUBLE, VEC_BOOL };

/* value for int, long and Bool; real for double. */
static const struct vec_tl_scalar {
	const char *name;
	enum vec_scalar type;
	int64_t value;
	double real;
	const char *encoded;
} vec_tl_scalar[] = {
	{
		.name = "int_zero",
		.type = VEC_INT,
		.value = 0,
		.encoded = "00000000",
	},
	{
		.name = "int_one",
		.type = VEC_INT,
		.value = 1,
		.encoded = "01000000",
	},
	{
		.name = "int_minus_one",
		.type = VEC_INT,
		.value = -1,
		.encoded = "ffffffff",
	},
	{
		.name = "int_min",
		.type = VEC_INT,
		.value = -2147483648,
		.encoded = "00000080",
	},
	{
		.name = "int_max",
		.type = VEC_INT,
		.value = 2147483647,
		.encoded = "ffffff7f",
	},
	{
		.name = "int_0x12345678",
		.type = VEC_INT,
		.value = 305419896,
		.encoded = "78563412",
	},
	{
		.name = "long_zero",
		.type = VEC_LONG,
		.value = 0,
		.encoded = "0000000000000000",
	},
	{
		.name = "long_minus_one",
		.type = VEC_LONG,
		.value = -1,
		.encoded = "ffffffffffffffff",
	},
	{
		.name = "long_min",
		.type = VEC_LONG,
		.value = (-9223372036854775807 - 1),
		.encoded = "0000000000000080",
	},
	{
		.name = "long_max",
		.type = VEC_LONG,
		.value = 9223372036854775807,
		.encoded = "ffffffffffffff7f",
	},
	{
		.name = "long_0x0123456789abcdef",
		.type = VEC_LONG,
		.value = 81985529216486895,
		.encoded = "efcdab8967452301",
	},
	{
		.name = "double_0.0",
		.type = VEC_DOUBLE,
		.real = 0.0,
		.encoded = "0000000000000000",
	},
	{
		.name = "double_1.0",
		.type = VEC_DOUBLE,
		.real = 1.0,
		.encoded = "000000000000f03f",
	},
	{
		.name = "double_-1.0",
		.type = VEC_DOUBLE,
		.real = -1.0,
		.encoded = "000000000000f0bf",
	},
	{
		.name = "double_1.5",
		.type = VEC_DOUBLE,
		.real = 1.5,
		.encoded = "000000000000f83f",
	},
	{
		.name = "double_3.14159265358979",
		.type = VEC_DOUBLE,
		.real = 3.14159265358979,
		.encoded = "112d4454fb210940",
	},
	{
		.name = "double_1e+300",
		.type = VEC_DOUBLE,
		.real = 1e+300,
		.encoded = "9c7500883ce4377e",
	},
	{
		.name = "bool_true",
		.type = VEC_BOOL,
		.value = 1,
		.encoded = "b5757299",
	},
	{
		.name = "bool_false",
		.type = VEC_BOOL,
		.value = 0,
		.encoded = "379779bc",
	},
};

/* Boxed vectors. */
static const struct vec_tl_vector {
	const char *name;
	enum vec_scalar type; /* of the elements */
	uint32_t count;
	int64_t values[2];
	const char *encoded;
} vec_tl_vector[] = {
	{
		.name = "vector_of_long",
		.type = VEC_LONG,
		.count = 2u,
		.values = {1, -1},
		.encoded = "15c4b51c020000000100000000000000ffffffffffffffff",
	},
	{
		.name = "empty_vector",
		.type = VEC_INT,
		.count = 0u,
		.encoded = "15c4b51c00000000",
	},
};

/* Objects and calls. fields: "name=value\n" of some of the members, where given. */
static const struct vec_tl_object {
	const char *name;
	const char *constructor;
	const char *line; /* as in the schema */
	const char *encoded;
	const char *fields;
} vec_tl_object[] = {
	{
		.name = "inputPeerChannel",
		.constructor = "inputPeerChannel",
		.line =
				"inputPeerChannel#27bcbbfc channel_id:long access_hash:long = Inp"
				"utPeer;",
		.encoded = "fcbbbc27d2029649000000001032547698badcfe",
		.fields = "channel_id=1234567890\naccess_hash=-81985529216486896\n",
	},
	{
		.name = "inputPeerSelf",
		.constructor = "inputPeerSelf",
		.line = "inputPeerSelf#7da07ec9 = InputPeer;",
		.encoded = "c97ea07d",
	},
	{
		.name = "inputDocumentFileLocation_whole_file",
		.constructor = "inputDocumentFileLocation",
		.line =
				"inputDocumentFileLocation#bad07584 id:long access_hash:long file"
				"_reference:bytes thumb_size:string = InputFileLocation;",
		.encoded =
				"8475d0ba0100f44482916345f9ffffffffffffff090100000002aabbccdd0000"
				"00000000",
		.fields =
				"id=5000000000000000001\naccess_hash=-7\nfile_reference=0100000002a"
				"abbccdd\nthumb_size=\n",
	},
	{
		.name = "upload_getFile_plain",
		.constructor = "upload.getFile",
		.line =
				"upload.getFile#be5335be flags:# precise:flags.0?true cdn_support"
				"ed:flags.1?true location:InputFileLocation offset:long limit:int"
				" = upload.File;",
		.encoded =
				"be3553be000000008475d0ba0100f44482916345f9ffffffffffffff09010000"
				"0002aabbccdd000000000000000010000000000000000800",
		.fields = "flags=0\noffset=1048576\nlimit=524288\n",
	},
	{
		.name = "upload_getFile_precise_1MiB",
		.constructor = "upload.getFile",
		.line =
				"upload.getFile#be5335be flags:# precise:flags.0?true cdn_support"
				"ed:flags.1?true location:InputFileLocation offset:long limit:int"
				" = upload.File;",
		.encoded =
				"be3553be010000008475d0ba0100f44482916345f9ffffffffffffff09010000"
				"0002aabbccdd000000000000000010000000000000001000",
		.fields = "flags=1\noffset=1048576\nlimit=1048576\n",
	},
	/* real parts are part_size long; 16 bytes here to keep the vector short */
	{
		.name = "upload_saveBigFilePart",
		.constructor = "upload.saveBigFilePart",
		.line =
				"upload.saveBigFilePart#de7b673d file_id:long file_part:int file_"
				"total_parts:int bytes:bytes = Bool;",
		.encoded =
				"3d677bde1581e97df4102211030000002800000010eac36017e69439834a3dbd"
				"f5cfc39161000000",
		.fields =
				"file_id=1234567890123456789\nfile_part=3\nfile_total_parts=40\nbyte"
				"s=eac36017e69439834a3dbdf5cfc39161\n",
	},
	{
		.name = "upload_saveFilePart",
		.constructor = "upload.saveFilePart",
		.line =
				"upload.saveFilePart#b304a621 file_id:long file_part:int bytes:by"
				"tes = Bool;",
		.encoded = "21a604b301000000000000000000000003616263",
	},
	{
		.name = "inputFileBig",
		.constructor = "inputFileBig",
		.line = "inputFileBig#fa4f0bb5 id:long parts:int name:string = InputFile;",
		.encoded = "b50b4ffa1581e97df41022112800000009766964656f2e6d70340000",
	},
	{
		.name = "inputFile_empty_md5",
		.constructor = "inputFile",
		.line =
				"inputFile#f52ff27f id:long parts:int name:string md5_checksum:st"
				"ring = InputFile;",
		.encoded = "7ff22ff501000000000000000100000005612e6a7067000000000000",
	},
	/* flags = 0: 16 bytes of ids and the reference follow the flags word */
	{
		.name = "inputMediaPhoto_no_flags",
		.constructor = "inputMediaPhoto",
		.line =
				"inputMediaPhoto#e3af4434 flags:# spoiler:flags.1?true live_photo"
				":flags.2?true id:InputPhoto ttl_seconds:flags.0?int video:flags."
				"2?InputDocument = InputMedia;",
		.encoded = "3444afe3000000004ab9b33b0700000000000000080000000000000003010203",
	},
	/* posting into forum topic 42 */
	{
		.name = "inputReplyToMessage_topic_root",
		.constructor = "inputReplyToMessage",
		.line =
				"inputReplyToMessage#3bd4b7c2 flags:# reply_to_msg_id:int top_msg"
				"_id:flags.0?int reply_to_peer_id:flags.1?InputPeer quote_text:fl"
				"ags.2?string quote_entities:flags.3?Vector<MessageEntity> quote_"
				"offset:flags.4?int monoforum_peer_id:flags.5?InputPeer todo_item"
				"_id:flags.6?int poll_option:flags.7?bytes = InputReplyTo;",
		.encoded = "c2b7d43b000000002a000000",
	},
	/* replying to message 1000 inside topic 42: flags.0 is set */
	{
		.name = "inputReplyToMessage_in_topic",
		.constructor = "inputReplyToMessage",
		.line =
				"inputReplyToMessage#3bd4b7c2 flags:# reply_to_msg_id:int top_msg"
				"_id:flags.0?int reply_to_peer_id:flags.1?InputPeer quote_text:fl"
				"ags.2?string quote_entities:flags.3?Vector<MessageEntity> quote_"
				"offset:flags.4?int monoforum_peer_id:flags.5?InputPeer todo_item"
				"_id:flags.6?int poll_option:flags.7?bytes = InputReplyTo;",
		.encoded = "c2b7d43b01000000e80300002a000000",
	},
	/* flags = 0x20 (silent is a "true" flag: a bit and no bytes) */
	{
		.name = "messages_sendMessage_silent",
		.constructor = "messages.sendMessage",
		.line =
				"messages.sendMessage#fef48f62 flags:# no_webpage:flags.1?true si"
				"lent:flags.5?true background:flags.6?true clear_draft:flags.7?tr"
				"ue noforwards:flags.14?true update_stickersets_order:flags.15?tr"
				"ue invert_media:flags.16?true allow_paid_floodskip:flags.19?true"
				" peer:InputPeer reply_to:flags.0?InputReplyTo message:string ran"
				"dom_id:long reply_markup:flags.2?ReplyMarkup entities:flags.3?Ve"
				"ctor<MessageEntity> schedule_date:flags.10?int schedule_repeat_p"
				"eriod:flags.24?int send_as:flags.13?InputPeer quick_reply_shortc"
				"ut:flags.17?InputQuickReplyShortcut effect:flags.18?long allow_p"
				"aid_stars:flags.21?long suggested_post:flags.22?SuggestedPost ri"
				"ch_message:flags.23?InputRichMessage = Updates;",
		.encoded =
				"628ff4fe20000000fcbbbc27d2029649000000001032547698badcfe02686900"
				"feffffffffffffff",
	},
	/* flags = (1<<11)|(1<<9) */
	{
		.name = "messages_forwardMessages_topic_drop_author",
		.constructor = "messages.forwardMessages",
		.line =
				"messages.forwardMessages#13704a7c flags:# silent:flags.5?true ba"
				"ckground:flags.6?true with_my_score:flags.8?true drop_author:fla"
				"gs.11?true drop_media_captions:flags.12?true noforwards:flags.14"
				"?true allow_paid_floodskip:flags.19?true from_peer:InputPeer id:"
				"Vector<int> random_id:Vector<long> to_peer:InputPeer top_msg_id:"
				"flags.9?int reply_to:flags.22?InputReplyTo schedule_date:flags.1"
				"0?int schedule_repeat_period:flags.24?int send_as:flags.13?Input"
				"Peer quick_reply_shortcut:flags.17?InputQuickReplyShortcut effec"
				"t:flags.18?long video_timestamp:flags.20?int allow_paid_stars:fl"
				"ags.21?long suggested_post:flags.23?SuggestedPost = Updates;",
		.encoded =
				"7c4a7013000a0000fcbbbc27d2029649000000001032547698badcfe15c4b51c"
				"020000000a0000000b00000015c4b51c02000000640000000000000065000000"
				"00000000c97ea07d2a000000",
	},
	{
		.name = "messages_getHistory",
		.constructor = "messages.getHistory",
		.line =
				"messages.getHistory#4423e6c5 peer:InputPeer offset_id:int offset"
				"_date:int add_offset:int limit:int max_id:int min_id:int hash:lo"
				"ng = messages.Messages;",
		.encoded =
				"c5e62344fcbbbc27d2029649000000001032547698badcfe0000000000000000"
				"000000006400000000000000000000000000000000000000",
		.fields =
				"offset_id=0\noffset_date=0\nadd_offset=0\nlimit=100\nmax_id=0\nmin_id"
				"=0\nhash=0\n",
	},
	{
		.name = "invokeWithLayer_initConnection_getConfig",
		.constructor = "invokeWithLayer",
		.line = "invokeWithLayer#da9b0d0d {X:Type} layer:int query:!X = X;",
		.encoded =
				"0d0d9bdae4000000a95ecdc10000000039300000077467636c6f6e65054c696e"
				"7578000003302e3102656e000000000002656e006b18f9c4",
		.fields =
				"layer=228\napi_id=12345\ndevice_model=tgclone\nsystem_version=Linux"
				"\napp_version=0.1\nsystem_lang_code=en\nlang_pack=\nlang_code=en\n",
	},
	{
		.name = "invokeWithTakeout_getConfig",
		.constructor = "invokeWithTakeout",
		.line =
				"invokeWithTakeout#aca9fd2e {X:Type} takeout_id:long query:!X = X"
				";",
		.encoded = "2efda9acfbffffffffffffff6b18f9c4",
	},
	{
		.name = "invokeWithoutUpdates_getConfig",
		.constructor = "invokeWithoutUpdates",
		.line = "invokeWithoutUpdates#bf9459b7 {X:Type} query:!X = X;",
		.encoded = "b75994bf6b18f9c4",
	},
	{
		.name = "invokeAfterMsg_getConfig",
		.constructor = "invokeAfterMsg",
		.line = "invokeAfterMsg#cb9f372d {X:Type} msg_id:long query:!X = X;",
		.encoded = "2d379fcb00000010000050696b18f9c4",
	},
	{
		.name = "ping_delay_disconnect",
		.constructor = "ping_delay_disconnect",
		.line =
				"ping_delay_disconnect#f3427b8c ping_id:long disconnect_delay:int"
				" = Pong;",
		.encoded = "8c7b42f301000000000000004b000000",
	},
	{
		.name = "bad_server_salt",
		.constructor = "bad_server_salt",
		.line =
				"bad_server_salt#edab447b bad_msg_id:long bad_msg_seqno:int error"
				"_code:int new_server_salt:long = BadMsgNotification;",
		.encoded = "7b44abed00000010000050690100000030000000fdffffffffffffff",
	},
	{
		.name = "bad_msg_notification_16",
		.constructor = "bad_msg_notification",
		.line =
				"bad_msg_notification#a7eff811 bad_msg_id:long bad_msg_seqno:int "
				"error_code:int = BadMsgNotification;",
		.encoded = "11f8efa700000010000050690100000010000000",
	},
	/* the vector and its elements are bare: count 2, then 2 x 16 bytes */
	{
		.name = "future_salts_two",
		.constructor = "future_salts",
		.line =
				"future_salts#ae500895 req_msg_id:long now:int salts:vector<futur"
				"e_salt> = FutureSalts;",
		.encoded =
				"950850ae0900000000000000960000000200000064000000c800000005000000"
				"00000000c80000002c0100000600000000000000",
	},
	{
		.name = "updates_with_updateMessageID",
		.constructor = "updates",
		.line =
				"updates#74ae4240 updates:Vector<Update> users:Vector<User> chats"
				":Vector<Chat> date:int seq:int = Updates;",
		.encoded =
				"4042ae7415c4b51c01000000d6bf904e2b020000feffffffffffffff15c4b51c"
				"0000000015c4b51c0000000000b9556900000000",
	},
	{
		.name = "updateShortSentMessage",
		.constructor = "updateShortSentMessage",
		.line =
				"updateShortSentMessage#9015e101 flags:# out:flags.1?true id:int "
				"pts:int pts_count:int date:int media:flags.9?MessageMedia entiti"
				"es:flags.7?Vector<MessageEntity> ttl_period:flags.25?int = Updat"
				"es;",
		.encoded = "01e115900200000073030000140b00000100000000b95569",
	},
	/*
	 * flags = 1<<8 | 1<<13 (access_hash) | 1<<27 | 1<<30; flags2 = 1<<10 (level). flags2
	 * is its own "#" field and comes right after flags; optional fields keep schema order
	 */
	{
		.name = "channel_with_flags_and_flags2",
		.constructor = "channel",
		.line =
				"channel#d49f34c6 flags:# creator:flags.0?true left:flags.2?true "
				"broadcast:flags.5?true verified:flags.7?true megagroup:flags.8?t"
				"rue restricted:flags.9?true signatures:flags.11?true min:flags.1"
				"2?true scam:flags.19?true has_link:flags.20?true has_geo:flags.2"
				"1?true slowmode_enabled:flags.22?true call_active:flags.23?true "
				"call_not_empty:flags.24?true fake:flags.25?true gigagroup:flags."
				"26?true noforwards:flags.27?true join_to_send:flags.28?true join"
				"_request:flags.29?true forum:flags.30?true flags2:# stories_hidd"
				"en:flags2.1?true stories_hidden_min:flags2.2?true stories_unavai"
				"lable:flags2.3?true signature_profiles:flags2.12?true autotransl"
				"ation:flags2.15?true broadcast_messages_allowed:flags2.16?true m"
				"onoforum:flags2.17?true forum_tabs:flags2.19?true id:long access"
				"_hash:flags.13?long title:string username:flags.6?string photo:C"
				"hatPhoto date:int restriction_reason:flags.9?Vector<RestrictionR"
				"eason> admin_rights:flags.14?ChatAdminRights banned_rights:flags"
				".15?ChatBannedRights default_banned_rights:flags.18?ChatBannedRi"
				"ghts participants_count:flags.17?int usernames:flags2.0?Vector<U"
				"sername> stories_max_id:flags2.4?RecentStory color:flags2.7?Peer"
				"Color profile_color:flags2.8?PeerColor emoji_status:flags2.9?Emo"
				"jiStatus level:flags2.10?int subscription_until_date:flags2.11?i"
				"nt bot_verification_icon:flags2.13?long send_paid_messages_stars"
				":flags2.14?long linked_monoforum_id:flags2.18?long linked_commun"
				"ity_id:flags2.20?long = Chat;",
		.encoded =
				"c6349fd4002100480004000063000000000000004d0000000000000001740000"
				"1c01c13700b9556903000000",
	},
	/*
	 * newest first; an album of two (same grouped_id), an empty slot, a topic-create
	 * service message; one message uses flags2
	 */
	{
		.name = "messages_channelMessages_five",
		.constructor = "messages.channelMessages",
		.line =
				"messages.channelMessages#c776ba4e flags:# inexact:flags.1?true p"
				"ts:int count:int offset_id_offset:flags.2?int messages:Vector<Me"
				"ssage> topics:Vector<ForumTopic> chats:Vector<Chat> users:Vector"
				"<User> = messages.Messages;",
		.encoded =
				"4eba76c700000000640000000500000015c4b51c05000000d3b9007600440104"
				"400000000c0000001e37a5a2630000000000000064b9556904706f7374000000"
				"0500000000000000016100000300000000000000d3b900760003020000000000"
				"0b0000002217515905000000000000001e37a5a2630000000000000000b95569"
				"00000000d9ccd85241000000d8c4d48f010000004d01000000000000bc010000"
				"000000001d0041093d58223ce2b46d86051ee7e4f591803d77e3c0cea1ad098a"
				"5e320000a8b6556909766964656f2f6d7034000000f2052a0100000015c4b51c"
				"01000000608ec775016d000040010000b4000000ae0800000400000015c4b51c"
				"02000000487cc54302000000000000000000294000050000d002000068005915"
				"05762e6d703400000180145e6e2f2e00d3b9007688030200000000000a000000"
				"2217515905000000000000001e37a5a2630000000000000066dd971b18000000"
				"0700000000b955690d616c62756d2063617074696f6e000063eb16e201000000"
				"657a19fb000000006f0000000000000022ffffffffffffff19a83aedf643cba8"
				"31068424fd00dadc7ce9671b4a34e8150ca20000a8b6556915c4b51c03000000"
				"2ebcb0e001690000091abe70f26b97ab1af50000608ec775016d000040010000"
				"b4000000672b000095fb3efa0179000000050000d002000015c4b51c05000000"
				"88130000204e000060ea0000905f010040e201000200000015c4b51c01000000"
				"c90b61bd00000000050000000180145e6e2f2e0084caa6900000000008000000"
				"0a0e807a00000000070000001e37a5a2630000000000000020a355695692990d"
				"0000000005546f7069630000f0b96f0015c4b51c0000000015c4b51c01000000"
				"c6349fd4002100480004000063000000000000004d0000000000000001740000"
				"1c01c13700b955690300000015c4b51c0100000083ccb8b10300000000000000"
				"0500000000000000370000000000000001410000",
	},
	/* size is a long: 5000000000 */
	{
		.name = "document_5_GB_video",
		.constructor = "document",
		.line =
				"document#8fd4c4d8 flags:# id:long access_hash:long file_referenc"
				"e:bytes date:int mime_type:string size:long thumbs:flags.0?Vecto"
				"r<PhotoSize> video_thumbs:flags.1?Vector<VideoSize> dc_id:int at"
				"tributes:Vector<DocumentAttribute> = Document;",
		.encoded =
				"d8c4d48f010000004d01000000000000bc010000000000001d0041093d58223c"
				"e2b46d86051ee7e4f591803d77e3c0cea1ad098a5e320000a8b6556909766964"
				"656f2f6d7034000000f2052a0100000015c4b51c01000000608ec775016d0000"
				"40010000b4000000ae0800000400000015c4b51c02000000487cc54302000000"
				"000000000000294000050000d00200006800591505762e6d70340000",
	},
	{
		.name = "upload_file_16_bytes",
		.constructor = "upload.file",
		.line =
				"upload.file#096a18d5 type:storage.FileType mtime:int bytes:bytes"
				" = upload.File;",
		.encoded = "d5186a090efe7e0000b9556910eac36017e69439834a3dbdf5cfc39161000000",
	},
	{
		.name = "upload_fileCdnRedirect",
		.constructor = "upload.fileCdnRedirect",
		.line =
				"upload.fileCdnRedirect#f18cda44 dc_id:int file_token:bytes encry"
				"ption_key:bytes encryption_iv:bytes file_hashes:Vector<FileHash>"
				" = upload.File;",
		.encoded =
				"44da8cf1cb00000003746f6b20f8d11965c4c1bc4334a2c0523f12155d47bb1e"
				"28593e4fdab5712cf6c987eb4a00000010fee13597bcd9f1e1221fc0b6da4d51"
				"3c00000015c4b51c010000005c039bf300000000000000000000020020da2f3c"
				"4fc988191a5a21b29c512f11777eba64b41740c0299597321c8e060585000000",
	},
	{
		.name = "messages_forumTopics",
		.constructor = "messages.forumTopics",
		.line =
				"messages.forumTopics#367617d3 flags:# order_by_create_date:flags"
				".0?true count:int topics:Vector<ForumTopic> messages:Vector<Mess"
				"age> chats:Vector<Chat> users:Vector<User> pts:int = messages.Fo"
				"rumTopics;",
		.encoded =
				"d3177636000000000200000015c4b51c0200000015d8dafc0000000001000000"
				"20a355691e37a5a263000000000000000747656e6572616cf0b96f000c000000"
				"0000000000000000000000000000000000000000000000002217515905000000"
				"000000000c2c62990000000015d8dafc070000000700000020a355691e37a5a2"
				"630000000000000005546f70696300007ed6ff00b11d0000bbebb9490a000000"
				"0000000000000000000000000000000000000000000000002217515905000000"
				"000000000c2c62990000000015c4b51c02000000d3b900760044010440000000"
				"0c0000001e37a5a2630000000000000064b9556904706f737400000005000000"
				"00000000016100000300000000000000d3b9007688030200000000000a000000"
				"2217515905000000000000001e37a5a2630000000000000066dd971b18000000"
				"0700000000b955690d616c62756d2063617074696f6e000063eb16e201000000"
				"657a19fb000000006f0000000000000022ffffffffffffff19a83aedf643cba8"
				"31068424fd00dadc7ce9671b4a34e8150ca20000a8b6556915c4b51c03000000"
				"2ebcb0e001690000091abe70f26b97ab1af50000608ec775016d000040010000"
				"b4000000672b000095fb3efa0179000000050000d002000015c4b51c05000000"
				"88130000204e000060ea0000905f010040e201000200000015c4b51c01000000"
				"c90b61bd00000000050000000180145e6e2f2e0015c4b51c01000000c6349fd4"
				"002100480004000063000000000000004d00000000000000017400001c01c137"
				"00b955690300000015c4b51c0100000083ccb8b1030000000000000005000000"
				"0000000037000000000000000141000064000000",
	},
	{
		.name = "config_minimal",
		.constructor = "config",
		.line =
				"config#cc1a241e flags:# default_p2p_contacts:flags.3?true preloa"
				"d_featured_stickers:flags.4?true revoke_pm_inbox:flags.6?true bl"
				"ocked_mode:flags.8?true force_try_ipv6:flags.14?true date:int ex"
				"pires:int test_mode:Bool this_dc:int dc_options:Vector<DcOption>"
				" dc_txt_domain_name:string chat_size_max:int megagroup_size_max:"
				"int forwarded_count_max:int online_update_period_ms:int offline_"
				"blur_timeout_ms:int offline_idle_timeout_ms:int online_cloud_tim"
				"eout_ms:int notify_cloud_delay_ms:int notify_default_delay_ms:in"
				"t push_chat_period_ms:int push_chat_limit:int edit_time_limit:in"
				"t revoke_time_limit:int revoke_pm_time_limit:int rating_e_decay:"
				"int stickers_recent_limit:int channels_read_media_period:int tmp"
				"_sessions:flags.0?int call_receive_timeout_ms:int call_ring_time"
				"out_ms:int call_connect_timeout_ms:int call_packet_timeout_ms:in"
				"t me_url_prefix:string autoupdate_url_prefix:flags.7?string gif_"
				"search_username:flags.9?string venue_search_username:flags.10?st"
				"ring img_search_username:flags.11?string static_maps_provider:fl"
				"ags.12?string caption_length_max:int message_length_max:int webf"
				"ile_dc_id:int suggested_lang_code:flags.2?string lang_pack_versi"
				"on:flags.2?int base_lang_pack_version:flags.2?int reactions_defa"
				"ult:flags.15?Reaction autologin_token:flags.16?string = Config;",
		.encoded =
				"1e241acc0000000000b9556910c75569379779bc0200000015c4b51c03000000"
				"0da1b7180000000002000000093132372e302e302e310000122700000da1b718"
				"0200000002000000093132372e302e302e3100001c2700000da1b71821000000"
				"04000000033a3a311427000000000000c8000000400d03006400000050340300"
				"8813000030750000e093040030750000dc05000060ea00000200000000a30200"
				"ffffff7fffffff7f00ea2400c8000000803a0900204e0000905f010030750000"
				"102700000d68747470733a2f2f742e6d652f0000000400000010000004000000",
	},
	{
		.name = "account_password_with_password",
		.constructor = "account.password",
		.line =
				"account.password#957b50fb flags:# has_recovery:flags.0?true has_"
				"secure_values:flags.1?true has_password:flags.2?true current_alg"
				"o:flags.2?PasswordKdfAlgo srp_B:flags.2?bytes srp_id:flags.2?lon"
				"g hint:flags.3?string email_unconfirmed_pattern:flags.4?string n"
				"ew_algo:PasswordKdfAlgo new_secure_algo:SecurePasswordKdfAlgo se"
				"cure_random:bytes pending_reset_date:flags.5?int login_email_pat"
				"tern:flags.6?string = account.Password;",
		.encoded =
				"fb507b95040000004a2d913a28f627662da7dccfe35214655f5de65ed8c1361c"
				"cbc3992044e70b443529aac82a7880616bb8ce75b6000000109a04c67001662f"
				"6694258c02fbf8ac7900000003000000fe000100c71caeb9c6b1c9048e6c522f"
				"70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d2"
				"2530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe"
				"6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4a"
				"c8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b5"
				"6b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd4658"
				"2db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff"
				"5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d0"
				"4b2454bf6f4fadf034b10403119cd8e3b92fcc5bfe0001000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000054d00000000000000"
				"96b05ad437854a0000000000",
	},
	/* the usual shape of the result of messages.sendMedia into a channel */
	{
		.name = "updates_send_result_channel",
		.constructor = "updates",
		.line =
				"updates#74ae4240 updates:Vector<Update> users:Vector<User> chats"
				":Vector<Chat> date:int seq:int = Updates;",
		.encoded =
				"4042ae7415c4b51c03000000d6bf904e0a000000feffffffffffffff106e2e92"
				"0000000063000000000000000a0000000000000065000000d904ba62d3b90076"
				"88030200000000000a0000002217515905000000000000001e37a5a263000000"
				"0000000066dd971b180000000700000000b955690d616c62756d206361707469"
				"6f6e000063eb16e201000000657a19fb000000006f0000000000000022ffffff"
				"ffffffff19a83aedf643cba831068424fd00dadc7ce9671b4a34e8150ca20000"
				"a8b6556915c4b51c030000002ebcb0e001690000091abe70f26b97ab1af50000"
				"608ec775016d000040010000b4000000672b000095fb3efa0179000000050000"
				"d002000015c4b51c0500000088130000204e000060ea0000905f010040e20100"
				"0200000015c4b51c01000000c90b61bd00000000050000000180145e6e2f2e00"
				"650000000100000015c4b51c0100000083ccb8b1030000000000000005000000"
				"0000000037000000000000000141000015c4b51c01000000c6349fd400210048"
				"0004000063000000000000004d00000000000000017400001c01c13700b95569"
				"0300000000b9556900000000",
	},
	{
		.name = "messages_sendMultiMedia_two_existing",
		.constructor = "messages.sendMultiMedia",
		.line =
				"messages.sendMultiMedia#1bf89d74 flags:# silent:flags.5?true bac"
				"kground:flags.6?true clear_draft:flags.7?true noforwards:flags.1"
				"4?true update_stickersets_order:flags.15?true invert_media:flags"
				".16?true allow_paid_floodskip:flags.19?true peer:InputPeer reply"
				"_to:flags.0?InputReplyTo multi_media:Vector<InputSingleMedia> sc"
				"hedule_date:flags.10?int send_as:flags.13?InputPeer quick_reply_"
				"shortcut:flags.17?InputQuickReplyShortcut effect:flags.18?long a"
				"llow_paid_stars:flags.21?long = Updates;",
		.encoded =
				"749df81b01000000fcbbbc27d2029649000000001032547698badcfec2b7d43b"
				"000000000700000015c4b51c020000001fe9c61c010000003444afe300000000"
				"4ab9b33b6f0000000000000022ffffffffffffff020102000100000000000000"
				"0d616c62756d2063617074696f6e000015c4b51c01000000c90b61bd00000000"
				"050000001fe9c61c00000000b53a76a80000000075b5bf1a4d01000000000000"
				"bc0100000000000001030000020000000000000000000000",
	},
	{
		.name = "messages_uploadMedia_document",
		.constructor = "messages.uploadMedia",
		.line =
				"messages.uploadMedia#14967978 flags:# business_connection_id:fla"
				"gs.0?string peer:InputPeer media:InputMedia = MessageMedia;",
		.encoded =
				"7879961400000000fcbbbc27d2029649000000001032547698badcfe30937c03"
				"04000000b50b4ffa1581e97df41022112800000009766964656f2e6d70340000"
				"7ff22ff5020000000000000001000000097468756d622e6a7067000000000000"
				"09766964656f2f6d7034000015c4b51c02000000487cc5430200000000000000"
				"0000294000050000d00200006800591509766964656f2e6d70340000",
	},
	{
		.name = "messages_createForumTopic",
		.constructor = "messages.createForumTopic",
		.line =
				"messages.createForumTopic#2f98c3d5 flags:# title_missing:flags.4"
				"?true peer:InputPeer title:string icon_color:flags.0?int icon_em"
				"oji_id:flags.3?long random_id:long send_as:flags.2?InputPeer = U"
				"pdates;",
		.encoded =
				"d5c3982f01000000fcbbbc27d2029649000000001032547698badcfe05546f70"
				"69630000f0b96f000900000000000000",
	},
	{
		.name = "channels_createChannel_forum",
		.constructor = "channels.createChannel",
		.line =
				"channels.createChannel#91006707 flags:# broadcast:flags.0?true m"
				"egagroup:flags.1?true for_import:flags.3?true forum:flags.5?true"
				" title:string about:string geo_point:flags.2?InputGeoPoint addre"
				"ss:flags.2?string ttl_period:flags.4?int = Updates;",
		.encoded = "076700912200000004436f707900000000000000",
	},
	{
		.name = "channels_getMessages",
		.constructor = "channels.getMessages",
		.line =
				"channels.getMessages#ad8c9a23 channel:InputChannel id:Vector<Inp"
				"utMessage> = messages.Messages;",
		.encoded =
				"239a8cad28ec5af3d2029649000000001032547698badcfe15c4b51c02000000"
				"22a376a60a00000022a376a60b000000",
	},
	{
		.name = "messages_getReplies_topic",
		.constructor = "messages.getReplies",
		.line =
				"messages.getReplies#22ddd30c peer:InputPeer msg_id:int offset_id"
				":int offset_date:int add_offset:int limit:int max_id:int min_id:"
				"int hash:long = messages.Messages;",
		.encoded =
				"0cd3dd22fcbbbc27d2029649000000001032547698badcfe0700000000000000"
				"00000000000000006400000000000000000000000000000000000000",
	},
	{
		.name = "messages_search_photos",
		.constructor = "messages.search",
		.line =
				"messages.search#29ee847a flags:# peer:InputPeer q:string from_id"
				":flags.0?InputPeer saved_peer_id:flags.2?InputPeer saved_reactio"
				"n:flags.3?Vector<Reaction> top_msg_id:flags.1?int filter:Message"
				"sFilter min_date:int max_date:int offset_id:int add_offset:int l"
				"imit:int max_id:int min_id:int hash:long = messages.Messages;",
		.encoded =
				"7a84ee2900000000fcbbbc27d2029649000000001032547698badcfe00000000"
				"e4f0e95600000000000000000000000000000000640000000000000000000000"
				"0000000000000000",
	},
	{
		.name = "messages_getForumTopics",
		.constructor = "messages.getForumTopics",
		.line =
				"messages.getForumTopics#3ba47bff flags:# peer:InputPeer q:flags."
				"0?string offset_date:int offset_id:int offset_topic:int limit:in"
				"t = messages.ForumTopics;",
		.encoded =
				"ff7ba43b00000000fcbbbc27d2029649000000001032547698badcfe00000000"
				"000000000000000064000000",
	},
	{
		.name = "auth_sendCode",
		.constructor = "auth.sendCode",
		.line =
				"auth.sendCode#a677244f phone_number:string api_id:int api_hash:s"
				"tring settings:CodeSettings = auth.SentCode;",
		.encoded =
				"4f2477a60a393939363632313233340039300000203031323334353637383961"
				"626364656630313233343536373839616263646566000000783d25ad00000000",
	},
	{
		.name = "auth_signIn",
		.constructor = "auth.signIn",
		.line =
				"auth.signIn#8d52a951 flags:# phone_number:string phone_code_hash"
				":string phone_code:flags.0?string email_verification:flags.1?Ema"
				"ilVerification = auth.Authorization;",
		.encoded = "51a9528d010000000a3939393636323132333400016800000532323232320000",
	},
	{
		.name = "auth_checkPassword",
		.constructor = "auth.checkPassword",
		.line =
				"auth.checkPassword#d18b4d16 password:InputCheckPasswordSRP = aut"
				"h.Authorization;",
		.encoded =
				"164d8bd182f07fd24d00000000000000fe000100000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000009207733a934193b0864786af6"
				"41365bf7e89f542f17a2d7e04742481cbf0b1ed2f9000000",
	},
	{
		.name = "auth_exportLoginToken",
		.constructor = "auth.exportLoginToken",
		.line =
				"auth.exportLoginToken#b7e085fe api_id:int api_hash:string except"
				"_ids:Vector<long> = auth.LoginToken;",
		.encoded =
				"fe85e0b739300000203031323334353637383961626364656630313233343536"
				"37383961626364656600000015c4b51c00000000",
	},
	{
		.name = "account_initTakeoutSession_files_2GB",
		.constructor = "account.initTakeoutSession",
		.line =
				"account.initTakeoutSession#8ef3eab0 flags:# contacts:flags.0?tru"
				"e message_users:flags.1?true message_chats:flags.2?true message_"
				"megagroups:flags.3?true message_channels:flags.4?true files:flag"
				"s.5?true file_max_size:flags.5?long = account.Takeout;",
		.encoded = "b0eaf38e300000000000008000000000",
	},
};

/*
 * gzip_packed. Compressed bytes differ between implementations: unpack this one, and pack by
 * round trip.
 */
static const struct vec_gzip {
	const char *name;
	const char *plain;
	const char *stream; /* the gzip stream */
	const char *encoded; /* gzip_packed with it */
} vec_gzip[] = {
	{
		.name = "msgs_ack_200_ids",
		.plain =
				"59b4d66215c4b51cc8000000040000000000000008000000000000000c000000"
				"000000001000000000000000140000000000000018000000000000001c000000"
				"000000002000000000000000240000000000000028000000000000002c000000"
				"000000003000000000000000340000000000000038000000000000003c000000"
				"000000004000000000000000440000000000000048000000000000004c000000"
				"000000005000000000000000540000000000000058000000000000005c000000"
				"000000006000000000000000640000000000000068000000000000006c000000"
				"000000007000000000000000740000000000000078000000000000007c000000"
				"000000008000000000000000840000000000000088000000000000008c000000"
				"000000009000000000000000940000000000000098000000000000009c000000"
				"00000000a000000000000000a400000000000000a800000000000000ac000000"
				"00000000b000000000000000b400000000000000b800000000000000bc000000"
				"00000000c000000000000000c400000000000000c800000000000000cc000000"
				"00000000d000000000000000d400000000000000d800000000000000dc000000"
				"00000000e000000000000000e400000000000000e800000000000000ec000000"
				"00000000f000000000000000f400000000000000f800000000000000fc000000"
				"000000000001000000000000040100000000000008010000000000000c010000"
				"000000001001000000000000140100000000000018010000000000001c010000"
				"000000002001000000000000240100000000000028010000000000002c010000"
				"000000003001000000000000340100000000000038010000000000003c010000"
				"000000004001000000000000440100000000000048010000000000004c010000"
				"000000005001000000000000540100000000000058010000000000005c010000"
				"000000006001000000000000640100000000000068010000000000006c010000"
				"000000007001000000000000740100000000000078010000000000007c010000"
				"000000008001000000000000840100000000000088010000000000008c010000"
				"000000009001000000000000940100000000000098010000000000009c010000"
				"00000000a001000000000000a401000000000000a801000000000000ac010000"
				"00000000b001000000000000b401000000000000b801000000000000bc010000"
				"00000000c001000000000000c401000000000000c801000000000000cc010000"
				"00000000d001000000000000d401000000000000d801000000000000dc010000"
				"00000000e001000000000000e401000000000000e801000000000000ec010000"
				"00000000f001000000000000f401000000000000f801000000000000fc010000"
				"000000000002000000000000040200000000000008020000000000000c020000"
				"000000001002000000000000140200000000000018020000000000001c020000"
				"000000002002000000000000240200000000000028020000000000002c020000"
				"000000003002000000000000340200000000000038020000000000003c020000"
				"000000004002000000000000440200000000000048020000000000004c020000"
				"000000005002000000000000540200000000000058020000000000005c020000"
				"000000006002000000000000640200000000000068020000000000006c020000"
				"000000007002000000000000740200000000000078020000000000007c020000"
				"000000008002000000000000840200000000000088020000000000008c020000"
				"000000009002000000000000940200000000000098020000000000009c020000"
				"00000000a002000000000000a402000000000000a802000000000000ac020000"
				"00000000b002000000000000b402000000000000b802000000000000bc020000"
				"00000000c002000000000000c402000000000000c802000000000000cc020000"
				"00000000d002000000000000d402000000000000d802000000000000dc020000"
				"00000000e002000000000000e402000000000000e802000000000000ec020000"
				"00000000f002000000000000f402000000000000f802000000000000fc020000"
				"000000000003000000000000040300000000000008030000000000000c030000"
				"000000001003000000000000140300000000000018030000000000001c030000"
				"000000002003000000000000",
		.stream =
				"1f8b08000000000002032dd11193a2010080e1efee168220e866822008822008"
				"826021081682a09b099a9b200882856021088220088220088285a09b09822008"
				"82a0b9098220081682205858d8e795e707bc7f16fffffedefc8b6f8320780abe"
				"0b31cc08a38c31ce04934c31cd0cb3cc31cf671658e40b4b2cb3c22a6bacb3c1"
				"265b7c659b6fecb0cb1efb1c70c811c79c70ca19df39e7824baeb8e6865beeb8"
				"e781479e78e685577ef0c63b1ffc64f0e39b278618668451c618678249a69866"
				"8659e698e7330b2cf285259659619535d6d960932dbeb2cd3776d8658f7d0e38"
				"e488634e38e58cef9c73c125575c73c32d77dcf3c0234f3cf3c22b3f78e39d0f"
				"7e32f8e93f430c33c228638c33c124534c33c32c73ccf3990516f9c212cbacb0"
				"ca1aeb6cb0c9165fd9e61b3becb2c73e071c72c431279c72c677ceb9e0922bae"
				"b9e1963bee79e091279e79e1951fbcf1ce073f19fcf29f218619619431c699e0"
				"170c737cab4c060000",
		.encoded =
				"a1cf7230fe6901001f8b08000000000002032dd11193a2010080e1efee168220"
				"e866822008822008826021081682a09b099a9b20088285602108822008822008"
				"8285a09b0982200882a0b9098220081682205858d8e795e707bc7f16fffffede"
				"fc8b6f8320780abe0b31cc08a38c31ce04934c31cd0cb3cc31cf671658e40b4b"
				"2cb3c22a6bacb3c1265b7c659b6fecb0cb1efb1c70c811c79c70ca19df39e782"
				"4baeb8e6865beeb8e781479e78e685577ef0c63b1ffc64f0e39b278618668451"
				"c618678249a698668659e698e7330b2cf285259659619535d6d960932dbeb2cd"
				"3776d8658f7d0e38e488634e38e58cef9c73c125575c73c32d77dcf3c0234f3c"
				"f3c22b3f78e39d0f7e32f8e93f430c33c228638c33c124534c33c32c73ccf399"
				"0516f9c212cbacb0ca1aeb6cb0c9165fd9e61b3becb2c73e071c72c431279c72"
				"c677ceb9e0922baeb9e1963bee79e091279e79e1951fbcf1ce073f19fcf29f21"
				"8619619431c699e0170c737cab4c060000000000",
	},
};

#endif
