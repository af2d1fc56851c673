import TestSupport

/// The path of a file beside the tests.
func fixture(_ name: String) -> String { packageFolder("Tests/TensorsTests/Fixtures/\(name)") }

/// A version 1 `.npy` file with this header.
func npy(_ dictionary: String, data: [UInt8] = []) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(dictionary.utf8.count)) + Array(dictionary.utf8) + data
}

/// A zip archive of stored entries.
func storedZip(_ entries: [(name: String, data: [UInt8])]) -> [UInt8] {
    var (bytes, directory): ([UInt8], [UInt8]) = ([], [])
    for (name, data) in entries {
        let size = littleEndian(UInt32(data.count))
        let head = [0, 0, 0, 0, 0, 0, 0, 0] + littleEndian(crc32(data)) + size + size
        let names = littleEndian(UInt16(name.utf8.count))
        directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0] + head + names + [UInt8](repeating: 0, count: 12)
        directory += littleEndian(UInt32(bytes.count)) + Array(name.utf8)
        bytes += [0x50, 0x4b, 3, 4, 20, 0] + head + names + [0, 0] + Array(name.utf8) + data
    }
    let count = littleEndian(UInt16(entries.count))
    let end = littleEndian(UInt32(directory.count)) + littleEndian(UInt32(bytes.count)) + [0, 0]
    return bytes + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + end
}

/// The CRC-32 of bytes, bit by bit, as ISO 3309 defines it.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
        (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
}
