/// The checksum of an envelope, written anew: 64-bit FNV-1a (Fowler, Noll, Vo), as eight little-endian bytes.
enum FNV1a {
    static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in bytes {
            hash ^= UInt64(byte)
            hash = hash &* 1_099_511_628_211
        }
        return (0..<8).map { UInt8(hash >> (8 * $0) & 255) }
    }

    /// An envelope with one byte changed and a checksum that fits.
    static func sealed(_ envelope: [UInt8], with byte: UInt8, at offset: Int) -> [UInt8] {
        var bytes = Array(envelope.prefix(88))
        bytes[offset] = byte
        return bytes + hash(bytes)
    }
}
