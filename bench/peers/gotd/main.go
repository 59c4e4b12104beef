// A peer for the bench and a judge of the simulator: gotd's own login, downloader and uploader
// against the servers of a tgsim.json. One JSON line tells what was done and what it cost.
//
//	gotd --config tgsim.json [--two-factor] [--chat N] [--threads N] history
//	gotd ... download [--message ID] [--out FILE]     the largest file of the chat, or that message's
//	gotd ... upload --file FILE | --size BYTES        uploads and sends it to the chat
//	gotd ... clone --target N [--via pipe|file]       download of one chat, upload to another; see clone.go
//
// seconds and cpu_seconds cover the transfer alone; login and looking up are not counted.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/auth"
	"github.com/gotd/td/telegram/dcs"
	"github.com/gotd/td/telegram/downloader"
	"github.com/gotd/td/telegram/uploader"
	"github.com/gotd/td/tg"
	"golang.org/x/sync/errgroup"
)

type world struct {
	RsaKeyPem string `json:"rsa_key_pem"`
	Dcs       []struct {
		ID        int    `json:"id"`
		Host      string `json:"host"`
		Port      int    `json:"port"`
		MediaOnly bool   `json:"media_only"`
	} `json:"dcs"`
	HomeDc   int    `json:"home_dc"`
	ApiID    int    `json:"api_id"`
	ApiHash  string `json:"api_hash"`
	Accounts []struct {
		Phone    string  `json:"phone"`
		Code     string  `json:"code"`
		Password *string `json:"password"`
	} `json:"accounts"`
	Chats []struct {
		ID int64 `json:"id"`
	} `json:"chats"`
}

type options struct {
	config    string
	twoFactor bool
	chat      int
	threads   int
	message   int
	out       string
	file      string
	size      int64
	target    int
	via       string
}

type report struct {
	Peer       string  `json:"peer"`
	What       string  `json:"what"`
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	MaxRSS     int64   `json:"max_rss_kb"`
	Dialogs    int     `json:"dialogs,omitempty"`
	Messages   int     `json:"messages,omitempty"`
	Message    int     `json:"message,omitempty"`
	DC         int     `json:"dc,omitempty"`
}

func loadWorld(path string) (*world, []telegram.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	w := &world{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, nil, err
	}
	name := w.RsaKeyPem
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(path), name)
	}
	text, err = os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, nil, errors.New(name + ": no PEM")
	}
	key, err := x509.ParsePKCS1PublicKey(block.Bytes)
	if err != nil {
		return nil, nil, err
	}
	return w, []telegram.PublicKey{{RSA: (*rsa.PublicKey)(key)}}, nil
}

func newClient(w *world, keys []telegram.PublicKey) *telegram.Client {
	var list dcs.List
	for _, dc := range w.Dcs {
		list.Options = append(list.Options, tg.DCOption{
			ID: dc.ID, IPAddress: dc.Host, Port: dc.Port, MediaOnly: dc.MediaOnly,
		})
	}
	return telegram.NewClient(w.ApiID, w.ApiHash, telegram.Options{
		PublicKeys: keys,
		DC:         w.HomeDc,
		DCList:     list,
		Resolver:   dcs.Plain(dcs.PlainOptions{}),
	})
}

func login(ctx context.Context, client *telegram.Client, w *world, twoFactor bool) error {
	for _, a := range w.Accounts {
		if (a.Password != nil) != twoFactor {
			continue
		}
		password := ""
		if a.Password != nil {
			password = *a.Password
		}
		code := auth.CodeAuthenticatorFunc(
			func(context.Context, *tg.AuthSentCode) (string, error) { return a.Code, nil })
		flow := auth.NewFlow(auth.Constant(a.Phone, password, code), auth.SendCodeOptions{})
		return client.Auth().IfNecessary(ctx, flow)
	}
	return errors.New("no such account")
}

// The cost of one transfer: from start to stop.
type meter struct {
	begun time.Time
	cpu   float64
}

func cpuNow() (float64, int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9, u.Maxrss
}

func start() meter {
	cpu, _ := cpuNow()
	return meter{time.Now(), cpu}
}

func (m meter) stop(r *report) {
	cpu, rss := cpuNow()
	r.Seconds = time.Since(m.begun).Seconds()
	r.CPUSeconds = cpu - m.cpu
	r.MaxRSS = rss
}

func bare(id int64) int64 { return -id - 1000000000000 }

// The chat as this account knows it: access hashes differ from account to account.
func peerOf(ctx context.Context, api *tg.Client, w *world, chat int) (*tg.InputPeerChannel, int, error) {
	if chat < 0 || chat >= len(w.Chats) {
		return nil, 0, fmt.Errorf("no chat %d", chat)
	}
	dialogs, err := api.MessagesGetDialogs(ctx, &tg.MessagesGetDialogsRequest{
		OffsetPeer: &tg.InputPeerEmpty{}, Limit: 100,
	})
	if err != nil {
		return nil, 0, err
	}
	list, ok := dialogs.AsModified()
	if !ok {
		return nil, 0, fmt.Errorf("unexpected %T", dialogs)
	}
	for _, c := range list.GetChats() {
		channel, ok := c.(*tg.Channel)
		if ok && channel.ID == bare(w.Chats[chat].ID) {
			return channel.AsInputPeer(), len(list.GetDialogs()), nil
		}
	}
	return nil, 0, fmt.Errorf("chat %d is not among the dialogs", chat)
}

func messagesOf(got tg.MessagesMessagesClass) ([]tg.MessageClass, error) {
	m, ok := got.AsModified()
	if !ok {
		return nil, fmt.Errorf("unexpected %T", got)
	}
	return m.GetMessages(), nil
}

// Every message of the chat, newest first.
func walk(ctx context.Context, api *tg.Client, peer tg.InputPeerClass,
	each func(*tg.Message) error) (int, error) {
	count, offset := 0, 0
	for {
		got, err := api.MessagesGetHistory(ctx, &tg.MessagesGetHistoryRequest{
			Peer: peer, OffsetID: offset, Limit: 100,
		})
		if err != nil {
			return count, err
		}
		page, err := messagesOf(got)
		if err != nil || len(page) == 0 {
			return count, err
		}
		for _, m := range page {
			count++
			offset = m.GetID()
			if plain, ok := m.(*tg.Message); ok {
				if err := each(plain); err != nil {
					return count, err
				}
			}
		}
	}
}

func documentOf(m *tg.Message) *tg.Document {
	media, ok := m.Media.(*tg.MessageMediaDocument)
	if !ok {
		return nil
	}
	document, _ := media.Document.AsNotEmpty()
	return document
}

func history(ctx context.Context, api *tg.Client, w *world, o *options, r *report) error {
	peer, dialogs, err := peerOf(ctx, api, w, o.chat)
	if err != nil {
		return err
	}
	r.Dialogs = dialogs
	m := start()
	r.Messages, err = walk(ctx, api, peer, func(*tg.Message) error { return nil })
	m.stop(r)
	return err
}

// The document of message o.message, or else the largest of the chat.
func findDocument(ctx context.Context, api *tg.Client, peer tg.InputPeerClass, o *options,
	r *report) (*tg.Document, error) {
	var found *tg.Document
	_, err := walk(ctx, api, peer, func(m *tg.Message) error {
		d := documentOf(m)
		if d == nil || (o.message != 0 && m.ID != o.message) {
			return nil
		}
		if found == nil || d.Size > found.Size {
			found, r.Message = d, m.ID
		}
		return nil
	})
	if err == nil && found == nil {
		err = errors.New("no file in that chat")
	}
	return found, err
}

// Connections to the DC of a document, open and authorized. A connection that gotd opens before the first
// one's key is stored makes a key of its own, which nobody authorizes: then all is closed and opened again.
func openPool(ctx context.Context, client *telegram.Client, d *tg.Document,
	threads int) (telegram.CloseInvoker, error) {
	for try := 0; ; try++ {
		pool, err := client.DC(ctx, d.DCID, int64(threads))
		if err != nil {
			return nil, err
		}
		group, probe := errgroup.WithContext(ctx)
		for i := 0; i < threads; i++ {
			group.Go(func() error {
				_, err := tg.NewClient(pool).UploadGetFile(probe, &tg.UploadGetFileRequest{
					Location: d.AsInputDocumentFileLocation(), Limit: 4096,
				})
				return err
			})
		}
		err = group.Wait()
		if err == nil {
			return pool, nil
		}
		pool.Close()
		if try == 4 || !auth.IsUnauthorized(err) {
			return nil, err
		}
	}
}

func download(ctx context.Context, client *telegram.Client, w *world, o *options, r *report) error {
	peer, _, err := peerOf(ctx, client.API(), w, o.chat)
	if err != nil {
		return err
	}
	found, err := findDocument(ctx, client.API(), peer, o, r)
	if err != nil {
		return err
	}
	name := o.out
	if name == "" {
		name = os.DevNull
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	pool, err := openPool(ctx, client, found, o.threads)
	if err != nil {
		return err
	}
	defer pool.Close()
	r.Bytes, r.DC = found.Size, found.DCID
	sink := io.WriterAt(out)
	if o.out == "" {
		sink = nowhere{}
	}
	m := start()
	err = fetch(ctx, pool, found, o.threads, sink)
	m.stop(r)
	return err
}

func fetch(ctx context.Context, pool tg.Invoker, d *tg.Document, threads int, sink io.WriterAt) error {
	_, err := downloader.NewDownloader().WithPartSize(512<<10).
		Download(tg.NewClient(pool), d.AsInputDocumentFileLocation()).
		WithThreads(threads).Parallel(ctx, sink)
	return err
}

type nowhere struct{}

func (nowhere) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

func sourceOf(o *options) (io.ReadCloser, int64, error) {
	if o.file == "" {
		random := rand.New(rand.NewSource(o.size))
		return io.NopCloser(io.LimitReader(random, o.size)), o.size, nil
	}
	f, err := os.Open(o.file)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

func upload(ctx context.Context, client *telegram.Client, w *world, o *options, r *report) error {
	peer, _, err := peerOf(ctx, client.API(), w, o.chat)
	if err != nil {
		return err
	}
	source, size, err := sourceOf(o)
	if err != nil {
		return err
	}
	defer source.Close()
	pool, err := client.Pool(int64(o.threads))
	if err != nil {
		return err
	}
	defer pool.Close()
	m := start()
	err = send(ctx, client, pool, peer, o.threads, source, size)
	m.stop(r)
	r.Bytes = size
	return err
}

// Uploads size bytes and posts them as a document.
func send(ctx context.Context, client *telegram.Client, pool tg.Invoker, peer tg.InputPeerClass,
	threads int, source io.Reader, size int64) error {
	file, err := uploader.NewUploader(tg.NewClient(pool)).WithPartSize(512<<10).WithThreads(threads).
		Upload(ctx, uploader.NewUpload("upload.bin", source, size))
	if err != nil {
		return err
	}
	_, err = client.API().MessagesSendMedia(ctx, &tg.MessagesSendMediaRequest{
		Peer: peer,
		Media: &tg.InputMediaUploadedDocument{
			ForceFile: true, File: file, MimeType: "application/octet-stream",
			Attributes: []tg.DocumentAttributeClass{
				&tg.DocumentAttributeFilename{FileName: "upload.bin"}},
		},
		Message:  "sent by gotd",
		RandomID: rand.Int63(),
	})
	return err
}

func run(ctx context.Context, what string, o *options) (*report, error) {
	w, keys, err := loadWorld(o.config)
	if err != nil {
		return nil, err
	}
	r := &report{Peer: "gotd", What: what}
	client := newClient(w, keys)
	err = client.Run(ctx, func(ctx context.Context) error {
		if err := login(ctx, client, w, o.twoFactor); err != nil {
			return fmt.Errorf("login: %w", err)
		}
		switch what {
		case "history":
			return history(ctx, client.API(), w, o, r)
		case "download":
			return download(ctx, client, w, o, r)
		case "upload":
			return upload(ctx, client, w, o, r)
		case "clone":
			return clone(ctx, client, w, o, r)
		}
		return fmt.Errorf("%q is none of history, download, upload, clone", what)
	})
	return r, err
}

func main() {
	o := &options{}
	flag.StringVar(&o.config, "config", "tgsim.json", "servers, accounts and chats")
	flag.BoolVar(&o.twoFactor, "two-factor", false, "the account with a password")
	flag.IntVar(&o.chat, "chat", 0, "place of the chat in the list")
	flag.IntVar(&o.threads, "threads", 8, "connections and requests at once")
	flag.IntVar(&o.message, "message", 0, "message to download")
	flag.StringVar(&o.out, "out", "", "where to write the file")
	flag.StringVar(&o.file, "file", "", "file to upload")
	flag.Int64Var(&o.size, "size", 30<<20, "bytes to make up and upload")
	flag.IntVar(&o.target, "target", 1, "place of the chat that a clone goes to")
	flag.StringVar(&o.via, "via", "pipe", "what lies between the two halves of a clone: pipe or file")
	flag.Parse()
	what := flag.Arg(0)
	// Options may stand behind the word too.
	if flag.NArg() > 1 {
		if err := flag.CommandLine.Parse(flag.Args()[1:]); err != nil {
			os.Exit(2)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	r, err := run(ctx, what, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotd:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		os.Exit(1)
	}
}
