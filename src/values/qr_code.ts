/** QR codes as images for a web page. */
import { crc32, deflateSync } from 'node:zlib'
import { encode } from 'uqr'

const quietZone = 4
const side = 200

/**
 * A text as a QR code: a black and white PNG of about 200 pixels, in a data URL as the API writes it, with a space after
 * the comma (reference: consumer.md §3.5). The text may have up to 2,953 bytes of UTF-8; a RangeError is thrown above that.
 */
export function qrCode(text: string): string {
  const modules = encode(text, { ecc: 'L', boostEcc: true, border: quietZone }).data
  // A module of whole pixels, and never so small that a camera has trouble with a long text.
  const scale = Math.max(3, Math.ceil(side / modules.length))
  return `data:image/png;base64, ${encodePng(modules, scale).toString('base64')}`
}

/** A square of dark and light modules as a PNG with one bit a pixel (PNG specification, third edition). */
export function encodePng(modules: boolean[][], scale: number): Buffer {
  const size = modules.length * scale
  const rows = modules.flatMap((row) => Array.from({ length: scale }, () => scanline(row, scale)))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header[8] = 1 // Bit depth; colour type, compression, filter and interlace stay 0: greyscale, deflate, none, none.
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** One row of pixels after its filter byte: 1 is white. */
function scanline(row: boolean[], scale: number): Buffer {
  const line = Buffer.alloc(1 + Math.ceil((row.length * scale) / 8))
  for (let x = 0; x < row.length * scale; x++) {
    const at = 1 + (x >> 3)
    if (!row[Math.floor(x / scale)]) line[at] = (line[at] as number) | (0x80 >> (x & 7))
  }
  return line
}

function chunk(type: string, body: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(content), 4)
  return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)])
}
