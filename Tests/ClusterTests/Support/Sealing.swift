import Cluster

extension [UInt8] {
    /// An encoded envelope with one byte changed and a checksum that fits, as eight little-endian bytes at its end.
    func sealed(with byte: UInt8, at offset: Int) -> [UInt8] {
        var bytes = Array(dropLast(8))
        bytes[offset] = byte
        let checksum = Checksum.of(bytes[...])
        return bytes + (0..<8).map { UInt8(checksum >> (8 * $0) & 255) }
    }
}
