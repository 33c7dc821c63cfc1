/** QR codes as images: what is drawn is what was encoded. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32, inflateSync } from 'node:zlib'
import { encode } from 'uqr'
import { encodePng, qrCode } from '../../src/values/qr_code.ts'

type Image = { size: number; dark: (x: number, y: number) => boolean }

/** Reads a PNG of one bit a pixel, strictly: every length and checksum must be right. */
function readPng(bytes: Buffer): Image {
  assert.equal(bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n')
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const content = bytes.subarray(at + 4, at + 8 + length)
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(content))
    chunks.set(content.toString('latin1', 0, 4), content.subarray(4))
    at += 12 + length
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'IDAT', 'IEND'])
  const header = chunks.get('IHDR') as Buffer
  const size = header.readUInt32BE(0)
  assert.equal(header.readUInt32BE(4), size)
  assert.deepEqual([...header.subarray(8)], [1, 0, 0, 0, 0])
  const pixels = inflateSync(chunks.get('IDAT') as Buffer)
  const width = 1 + Math.ceil(size / 8)
  assert.equal(pixels.length, width * size)
  const dark = (x: number, y: number) => ((pixels[y * width + 1 + (x >> 3)] as number) & (0x80 >> (x & 7))) === 0
  return { size, dark }
}

function imageOf(url: string): Image {
  const [, base64 = ''] = /^data:image\/png;base64, ([A-Za-z0-9+/]+=*)$/.exec(url) ?? []
  return readPng(Buffer.from(base64, 'base64'))
}

const uri = 'otpauth://totp/Acme:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme&digits=6'

test('every pixel of the picture is that of its module', () => {
  for (const text of ['', uri, 'ä'.repeat(1000)]) {
    const modules = encode(text, { ecc: 'L', boostEcc: true, border: 4 }).data
    const { size, dark } = imageOf(qrCode(text))
    const scale = size / modules.length
    assert.ok(Number.isInteger(scale))
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        assert.equal(dark(x, y), modules[Math.floor(y / scale)]?.[Math.floor(x / scale)] ?? false)
      }
    }
  }
})

test('the picture is about 200 pixels wide, with a light margin of four modules', () => {
  const { size, dark } = imageOf(qrCode(uri))
  assert.ok(size >= 200 && size < 260, String(size))
  const scale = size / encode(uri, { ecc: 'L', boostEcc: true, border: 4 }).data.length
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < 4 * scale; y++) assert.ok(!dark(x, y) && !dark(y, x))
  }
  assert.ok(dark(4 * scale, 4 * scale))
})

test('widths that are no whole number of bytes are drawn to their last pixel', () => {
  const modules = [
    [true, false, true],
    [false, true, false],
    [true, true, false],
  ]
  for (const scale of [1, 2, 3, 5]) {
    const { size, dark } = readPng(encodePng(modules, scale))
    assert.equal(size, 3 * scale)
    for (let at = 0; at < size * size; at++) {
      const [x, y] = [at % size, Math.floor(at / size)]
      assert.equal(dark(x, y), modules[Math.floor(y / scale)]?.[Math.floor(x / scale)])
    }
  }
})

test('a text that no QR code can hold is an error, not a picture', () => {
  assert.throws(() => qrCode('x'.repeat(2954)), RangeError)
})
