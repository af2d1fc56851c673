import Foundation
import Tensors

/// The path of a file beside the tests.
func fixture(_ name: String, file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// A folder that is removed with everything in it when the test is done with it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes `bytes` to a file of this folder and returns its path.
    func write(_ bytes: [UInt8], as name: String) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}

/// The little-endian bytes of a number.
func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
}

/// A safetensors file with this header and this many zeroed bytes of data.
func safetensors(_ json: String, data: [UInt8] = []) -> [UInt8] {
    littleEndian(UInt64(json.utf8.count)) + Array(json.utf8) + data
}

/// A version 1 `.npy` file with this header.
func npy(_ dictionary: String, data: [UInt8] = []) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(dictionary.utf8.count)) + Array(dictionary.utf8) + data
}

/// The error that `body` throws, as text; nil when it throws none.
func message(_ body: () throws(TensorFileError) -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return error.description
    }
}
