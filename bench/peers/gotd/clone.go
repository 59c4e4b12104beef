// A clone of one file by gotd: its downloader and its uploader joined, in the two ways that a program on
// gotd would join them.
//
//	pipe  the downloader's stream, which asks for one part at a time, read by the parallel uploader
//	file  the parallel downloader into a file, then the parallel uploader from it
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/downloader"
	"github.com/gotd/td/tg"
	"golang.org/x/sync/errgroup"
)

// One file on its way: connections of the source's DC and of the home DC.
type passage struct {
	client   *telegram.Client
	down, up telegram.CloseInvoker
	document *tg.Document
	target   tg.InputPeerClass
	threads  int
}

func clone(ctx context.Context, client *telegram.Client, w *world, o *options, r *report) error {
	p, err := openPassage(ctx, client, w, o, r)
	if err != nil {
		return err
	}
	defer p.down.Close()
	defer p.up.Close()
	ways := map[string]func(context.Context) error{"pipe": p.byPipe, "file": p.byFile}
	way, ok := ways[o.via]
	if !ok {
		return fmt.Errorf("--via %s: pipe or file", o.via)
	}
	r.Bytes, r.DC = p.document.Size, p.document.DCID
	m := start()
	err = way(ctx)
	m.stop(r)
	return err
}

func openPassage(ctx context.Context, client *telegram.Client, w *world, o *options,
	r *report) (*passage, error) {
	source, _, err := peerOf(ctx, client.API(), w, o.chat)
	if err != nil {
		return nil, err
	}
	target, _, err := peerOf(ctx, client.API(), w, o.target)
	if err != nil {
		return nil, err
	}
	document, err := findDocument(ctx, client.API(), source, o, r)
	if err != nil {
		return nil, err
	}
	down, err := openPool(ctx, client, document, o.threads)
	if err != nil {
		return nil, err
	}
	up, err := client.Pool(int64(o.threads))
	if err != nil {
		down.Close()
		return nil, err
	}
	return &passage{client, down, up, document, target, o.threads}, nil
}

func (p *passage) byPipe(ctx context.Context) error {
	from, to := io.Pipe()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		_, err := downloader.NewDownloader().WithPartSize(512<<10).
			Download(tg.NewClient(p.down), p.document.AsInputDocumentFileLocation()).Stream(ctx, to)
		to.CloseWithError(err)
		return err
	})
	group.Go(func() error {
		err := send(ctx, p.client, p.up, p.target, p.threads, from, p.document.Size)
		from.CloseWithError(err)
		return err
	})
	return group.Wait()
}

func (p *passage) byFile(ctx context.Context) error {
	between, err := os.CreateTemp("", "gotd-clone-")
	if err != nil {
		return err
	}
	defer between.Close()
	if err := os.Remove(between.Name()); err != nil {
		return err
	}
	if err := fetch(ctx, p.down, p.document, p.threads, between); err != nil {
		return err
	}
	if _, err := between.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return send(ctx, p.client, p.up, p.target, p.threads, between, p.document.Size)
}
