import Basics
import Foundation
import Glibc

/// A safetensors file of zeros that takes next to no room on the disk: its header, and a hole where the data would be.
public enum SparseCheckpoint {
    /// Bytes of the file that may be on the disk.
    private static let mostOnDisk = 100_000_000

    /// Writes it.
    ///
    /// - Parameters:
    ///   - path: where.
    ///   - tensors: names and shapes, all of them BF16.
    /// - Returns: bytes of the file.
    /// - Throws: where the file system has no sparse files, so that no test passes for want of one.
    public static func write(_ path: String, tensors: [(name: String, shape: [Int])]) throws -> Int {
        var entries: [String: JSON] = [:]
        var end = 0
        for (name, shape) in tensors {
            let start = end
            end += shape.reduce(2, *)
            entries[name] = .members([
                "dtype": .text("BF16"), "shape": .list(shape.map { .integer($0) }),
                "data_offsets": .list([.integer(start), .integer(end)]),
            ])
        }
        let header = try safetensors(JSONText.line(JSON.members(entries)))
        try Data(header).write(to: URL(fileURLWithPath: path))
        let byteCount = header.count + end
        var status = stat()
        guard unsafe truncate(path, off_t(byteCount)) == 0, unsafe lstat(path, &status) == 0,
            status.st_blocks * 512 < mostOnDisk
        else { throw TestTrouble("\(path) cannot be made: the file system has no sparse files") }
        return byteCount
    }
}
