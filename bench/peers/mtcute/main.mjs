// A peer for the bench and a judge of the simulator: mtcute's own login, download and upload against
// the servers of a tgsim.json. One JSON line tells what was done and what it cost.
//
//   node main.mjs --config tgsim.json [--two-factor] [--pfs] [--chat N] [--threads N] history
//   node main.mjs ... download [--message ID] [--out FILE]   the largest file of the chat, or that one
//   node main.mjs ... upload --file FILE | --size BYTES      uploads and sends it to the chat
//   node main.mjs ... clone --target N       download of one chat, streamed into an upload to another
//
// seconds and cpu_seconds cover the transfer alone; login and looking up are not counted.
import { readFileSync, openSync, writeSync, closeSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'

import { MemoryStorage, TelegramClient } from '@mtcute/node'
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: 'tgsim.json' },
    'two-factor': { type: 'boolean', default: false },
    chat: { type: 'string', default: '0' },
    target: { type: 'string', default: '1' },
    threads: { type: 'string', default: '8' },
    message: { type: 'string' },
    out: { type: 'string' },
    file: { type: 'string' },
    size: { type: 'string', default: String(30 << 20) },
    pfs: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

function loadWorld(path) {
  const world = JSON.parse(readFileSync(path, 'utf8'))
  const pem = world.rsa_key_pem
  const key = readFileSync(isAbsolute(pem) ? pem : join(dirname(path), pem), 'utf8')
  return { world, key }
}

async function makeClient({ world, key }) {
  const crypto = new NodeCryptoProvider()
  await crypto.initialize?.()
  addPublicKey(crypto, key)
  const place = (dc) => ({ id: dc.id, ipAddress: dc.host, port: dc.port, mediaOnly: dc.media_only })
  const home = world.dcs.find((dc) => dc.id === world.home_dc && !dc.media_only)
  return new TelegramClient({
    apiId: world.api_id,
    apiHash: world.api_hash,
    storage: new MemoryStorage(),
    defaultDcs: { main: place(home), media: place(home) },
    network: {
      usePfs: options.pfs,
      connectionCount: (kind) => (kind === 'main' ? 0 : Number(options.threads)),
    },
    disableUpdates: true,
    logLevel: options.verbose ? 5 : 0,
  })
}

async function login(client, world) {
  const account = world.accounts.find((a) => Boolean(a.password) === options['two-factor'])
  if (!account) throw new Error('no such account')
  return await client.start({
    phone: account.phone,
    code: () => account.code,
    password: account.password ?? undefined,
  })
}

// The cost of one transfer: from the call on.
function meter() {
  const begun = process.hrtime.bigint()
  const cpu = process.cpuUsage()
  return (report) => {
    const used = process.cpuUsage(cpu)
    report.seconds = Number(process.hrtime.bigint() - begun) / 1e9
    report.cpu_seconds = (used.user + used.system) / 1e6
    report.max_rss_kb = process.resourceUsage().maxRSS
  }
}

function peerOf(world, index = options.chat) {
  const chat = world.chats[Number(index)]
  if (!chat) throw new Error('no chat ' + index)
  return chat.id
}

// The file of message --message, or else the largest of the chat.
async function findFile(client, world) {
  let found
  for await (const message of client.iterHistory(peerOf(world))) {
    if (options.message && message.id !== Number(options.message)) continue
    const media = message.media
    if (!media?.fileSize || message.raw.media?._ !== 'messageMediaDocument') continue
    if (!found || media.fileSize > found.media.fileSize) found = message
  }
  if (!found) throw new Error('no file in that chat')
  return found
}

async function sendUp(client, chat, file, fileSize) {
  const uploaded = await client.uploadFile({ file, fileSize, fileName: 'upload.bin', partSize: 512 })
  return await client.sendMedia(chat, {
    type: 'document',
    file: uploaded,
    caption: 'sent by mtcute',
    fileName: 'upload.bin',
  })
}

const tasks = {
  async history(client, world, report) {
    report.dialogs = 0
    for await (const _ of client.iterDialogs()) report.dialogs++
    const stop = meter()
    report.messages = 0
    for await (const _ of client.iterHistory(peerOf(world))) report.messages++
    stop(report)
  },

  async download(client, world, report) {
    const found = await findFile(client, world)
    report.message = found.id
    report.dc = found.media.dcId
    const out = options.out ? openSync(options.out, 'w', 0o600) : undefined
    const stop = meter()
    for await (const chunk of client.downloadAsIterable(found.media, { partSize: 512 })) {
      report.bytes += chunk.length
      if (out !== undefined) writeSync(out, chunk)
    }
    stop(report)
    if (out !== undefined) closeSync(out)
  },

  async upload(client, world, report) {
    const chat = peerOf(world)
    await client.resolvePeer(chat).catch(async () => {
      for await (const _ of client.iterDialogs()); // fills the peer cache
    })
    const file = options.file ? readFileSync(options.file) : Buffer.alloc(Number(options.size), 'tgclone')
    const stop = meter()
    const sent = await sendUp(client, chat, file)
    stop(report)
    report.bytes = file.length
    report.message = sent.id
  },

  async clone(client, world, report) {
    const { media, id } = await findFile(client, world)
    report.message = id
    report.dc = media.dcId
    const stop = meter()
    const stream = client.downloadAsStream(media, { partSize: 512 })
    await sendUp(client, peerOf(world, options.target), stream, media.fileSize)
    stop(report)
    report.bytes = media.fileSize
  },
}

async function main() {
  const what = positionals[0]
  const task = tasks[what]
  if (!task) throw new Error(`${what} is none of ${Object.keys(tasks).join(', ')}`)
  const { world, key } = loadWorld(options.config)
  const client = await makeClient({ world, key })
  const report = { peer: 'mtcute', what, bytes: 0, seconds: 0, cpu_seconds: 0, max_rss_kb: 0 }
  try {
    await login(client, world)
    if (what !== 'upload') {
      for await (const _ of client.iterDialogs()); // fills the peer cache
    }
    await task(client, world, report)
  } finally {
    await client.destroy()
  }
  console.log(JSON.stringify(report))
}

await main().catch((error) => {
  console.error('mtcute:', error?.stack ?? error)
  process.exit(1)
})
process.exit(0)
