/* The table of subcommands. */
#include "tools/tgclone/cmd.h"

const struct command commands[] = {
	{"login", "log in with a phone number",
	 "Usage: tgclone login --phone +NUMBER\n\n"
	 "Asks for the code that Telegram sends, and for the two-step password if there is one. Without a\n"
	 "terminal both are read from stdin, a line each. The session is kept in the state directory.\n",
	 cmd_login},
	{"logout", "end the session here and at Telegram",
	 "Usage: tgclone logout\n\nThe keys are destroyed on both sides; ledgers stay.\n", cmd_logout},
	{"chats", "list the account's chats with their ids",
	 "Usage: tgclone chats\n\nid, kind, protected or not, title and name of every chat.\n", cmd_chats},
	{"topics", "list a forum's topics",
	 "Usage: tgclone topics CHAT\n\nid and title of every topic.\n", cmd_topics},
	{"scan", "what cloning a chat would mean",
	 "Usage: tgclone scan SOURCE\n\n"
	 "Reads the whole history and says how many messages would be forwarded, copied by reference or\n"
	 "streamed, what cannot be kept and why, and the time at the present pace. Sends nothing.\n",
	 cmd_scan},
	{"clone", "clone one chat into another",
	 "Usage: tgclone clone SOURCE TARGET\n\n"
	 "Every message goes by the cheapest way that keeps it, in order, exactly once. Run again after an\n"
	 "interruption of any kind, it goes on where it was. A forum's topics are made in a target forum.\n"
	 "What --from leaves out may come later, but behind what is there by then.\n",
	 cmd_clone},
	{"status", "how far jobs are",
	 "Usage: tgclone status [SOURCE [TARGET]]\n\n"
	 "Reads the ledgers of this profile: rows by state, what a job that stands still waits for and until\n"
	 "when, skipped messages by reason. No network, and no harm to a running clone.\n", cmd_status},
	{"verify", "compare the source with its clone",
	 "Usage: tgclone verify SOURCE TARGET\n\n"
	 "Every message against its copy: text, formatting, media, replies, albums, topics, order; the topics\n"
	 "themselves; and whether a copy stands in the target twice (not with --from, --to, --limit). With\n"
	 "--bytes the files of both sides are read back and compared. 0: each is equal, was skipped for a\n"
	 "reason, or lost what the clone noted; 69: each that is not is named. What is missing comes with\n"
	 "clone; a copy that somebody changed or deleted in the target stays so: --generation makes another\n"
	 "whole copy.\n", cmd_verify},
	{"retry", "try skipped messages again",
	 "Usage: tgclone retry SOURCE TARGET\n\n"
	 "Skipped messages become open again, then the clone goes on. Those that go over now stand behind\n"
	 "what was cloned before.\n", cmd_retry},
	{"rebuild", "make a lost ledger anew",
	 "Usage: tgclone rebuild SOURCE TARGET\n\n"
	 "For a job whose ledger is damaged or gone: reads both chats, finds the copies that are there, and\n"
	 "makes a ledger with which clone goes on, without sending them again. Sends nothing, and never harms\n"
	 "a ledger that is there: with --replace it is set aside under another name. Name --from as it was for\n"
	 "the first clone, if there was one: what stands before it and has no copy is left out still. All of\n"
	 "both chats is read in any case, whatever --to and --limit say. What has no copy is sent by clone,\n"
	 "behind the rest; what perhaps has one is named, and left out until retry --reason rebuild. It takes\n"
	 "some 0.3 KB of memory for each message with its copy, and no more than --memory. 0: ready for clone;\n"
	 "2: ready, with doubts; 64, 65: there is a ledger; 69: no copy is there; 75: --memory is too little.\n",
	 cmd_rebuild},
	{"doctor", "what this machine offers",
	 "Usage: tgclone doctor [--probe [--yes] [--probe-wait TIME]]\n\n"
	 "Kernel, processor, ring, cipher kernels and their self-test, limits, network settings, network\n"
	 "cards, memory budget; and the command that mends what is below what long fast connections want.\n"
	 "Reads only. tools/host-setup does all that is in reach of root, and can undo it.\n\n"
	 "--probe asks a server instead: whether random_ids are remembered, in each kind of chat, for a\n"
	 "text, a document, an album and after deletion; whether media is looked at before; how long half\n"
	 "an upload and an unsent document live; whether files have hashes. It needs --test or --dc-config\n"
	 "and a login there, writes into four chats that it makes, and deletes them. 0: all is as tgclone\n"
	 "counts on; 2: something is otherwise or could not be tried, each named.\n", cmd_doctor},
	{"bench", "how fast this machine moves file bytes",
	 "Usage: tgclone bench crypto|net|clone|telegram\n\n"
	 "  crypto    every cipher kernel of this processor, alone: GB/s of relayed bytes a core\n"
	 "  net       parts down, up, and both at once, against a simulator: the one that --dc-config\n"
	 "            names, else one started here on loopback. On another host it shows the network:\n"
	 "            run tgsim --dir DIR --dc 2=ADDRESS:PORT there, and copy tgsim.json and rsa.pem here\n"
	 "  clone     the whole job on a made-up chat of our own simulator, every file streamed\n"
	 "  telegram  the real service: the file of --message is downloaded, then as much is uploaded,\n"
	 "            then both; the uploads go to Saved Messages and are deleted at once\n\n"
	 "Tells MB/s, CPU seconds per GB of this program and of the simulator, memory, and how near the\n"
	 "limit that is: the slower of one core's ciphers and the network card. --html FILE draws it over\n"
	 "time and per connection. Quiet machines give steady figures: compare runs of the same minute.\n",
	 cmd_bench},
	{"tune", "find the flags that are fastest here",
	 "Usage: tgclone tune [--message LINK]\n\n"
	 "Relays file parts for --seconds with one setting after the other, connections, parts in flight,\n"
	 "part size and cores, and prints the flags that won. The target is the file of a message at the\n"
	 "real service, whose uploads are never sent and vanish by themselves, or without --message a\n"
	 "simulator: the one that --dc-config names, else one started here.\n",
	 cmd_tune},
	{"version", "the program's version",
	 "Usage: tgclone version\n\nPrints the version, alone on a line.\n", cmd_version},
	{"help", "this text, or that of a command",
	 "Usage: tgclone help [COMMAND]\n\nPrints what a command does and its options.\n",
	 cmd_help},
	{NULL, NULL, NULL, NULL},
};
