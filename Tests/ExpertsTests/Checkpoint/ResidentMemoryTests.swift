import Experts
import Foundation
import Glibc
import MoE
import Tensors
import TestSupport
import Testing

/// A checkpoint that is much larger than memory should ever be.
@Suite("Memory of a large checkpoint") struct ResidentMemoryTests {
    /// DeepSeek-V2-Lite's widths with enough experts for 10 GB of BF16 zeros.
    static let (hidden, ffn, experts) = (2048, 1408, 580)
    static let block = "model.layers.0.mlp."

    /// Bytes of the file that this process has mapped and present.
    private func mappedBytes(_ path: String) throws -> Int {
        var isFile = false
        var kibibytes = 0
        // Reading by name would stop after the first page of a file that says that it has no bytes.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        try #require(text.contains(path), "the checkpoint is not mapped")
        for line in text.split(separator: "\n") {
            if line.contains("-") && line.contains(" r") { isFile = line.hasSuffix(path) }
            if isFile, line.hasPrefix("Rss:") { kibibytes += try #require(Int(line.split(separator: " ")[1])) }
        }
        return kibibytes * 1024
    }

    /// Bytes of the file that anyone has read since it was made, in whole pages and with what the system read ahead.
    private func readBytes(_ path: String, byteCount: Int) throws -> Int {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let address = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
        try unsafe #require(address != MAP_FAILED)
        defer { unsafe munmap(address, byteCount) }
        let page = Int(getpagesize())
        var isPresent = [UInt8](repeating: 0, count: (byteCount + page - 1) / page)
        try unsafe #require(mincore(address, byteCount, &isPresent) == 0)
        return isPresent.count { $0 & 1 != 0 } * page
    }

    /// Writes the checkpoint and returns its path.
    private func sparseCheckpoint(_ folder: TemporaryFolder) throws -> String {
        var tensors: [(name: String, shape: [Int])] = [(Self.block + "gate.weight", [Self.experts, Self.hidden])]
        for expert in 0..<Self.experts {
            let name = Self.block + "experts.\(expert)."
            tensors.append((name + "gate_proj.weight", [Self.ffn, Self.hidden]))
            tensors.append((name + "up_proj.weight", [Self.ffn, Self.hidden]))
            tensors.append((name + "down_proj.weight", [Self.hidden, Self.ffn]))
        }
        let path = folder.path("zeros.safetensors")
        let byteCount = try SparseCheckpoint.write(path, tensors: tensors)
        #expect(byteCount > 10_000_000_000)
        return path
    }

    @Test func expertsTouchTheirOwnBytesOnly() throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = try sparseCheckpoint(folder)
        let byteCount = try #require(
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        )
        let layer = try layer(path, "olmoe", 0)
        let header = try readBytes(path, byteCount: byteCount)
        #expect(header < 4 << 20, "\(header) bytes read for opening")
        // What the system reads ahead of an expert is its own business, and megabytes where disks are fast.
        let ahead = 64 << 20
        let stored = layer.expertShape.parameterCount * DType.bf16.byteCount
        for (count, expert) in [7, 300, 579].enumerated() {
            #expect(try layer.expertParameters(expert).up.allSatisfy { $0 == 0 })
            let read = try readBytes(path, byteCount: byteCount) - header
            #expect((count + 1) * stored <= read, "\(read) bytes read for \(count + 1) experts")
            #expect(read < (count + 1) * (stored + ahead), "\(read) bytes read for \(count + 1) experts")
            let mapped = try mappedBytes(path)
            #expect(mapped < 4 << 20, "\(mapped) bytes stay mapped")
        }
    }
}
