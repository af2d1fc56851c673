import Foundation
import Tensors
import TestSupport
import Testing

/// Reading archives of arrays: those that NumPy wrote, and those that lie about what they hold.
@Suite struct NpzFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// An archive of one stored entry, whose records tests change.
    private struct Archive {
        var name = "a.npy"
        var data = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }", data: [5, 0, 250, 255])
        var method = 0
        var flags = 0
        /// CRC-32 of the data, computed by zlib.
        var checksum: UInt32 = 0xa7a7_bd84
        var size: Int?
        var has64BitSizes = false
        /// True when a second entry claims the data of the first.
        var overlaps = false

        func bytes(entries: Int = 1) -> [UInt8] {
            var bytes: [UInt8] = []
            var directory: [UInt8] = []
            for index in 0..<entries {
                let names = Array((overlaps && index > 0 ? "b.npy" : name).utf8)
                let sizes = has64BitSizes ? [UInt32.max, .max] : [UInt32(data.count), UInt32(size ?? data.count)]
                let shared = littleEndian(UInt16(flags)) + littleEndian(UInt16(method)) + [0, 0, 0, 0]
                let head =
                    littleEndian(checksum) + sizes.flatMap { littleEndian($0) } + littleEndian(UInt16(names.count))
                let offset = overlaps ? 0 : bytes.count
                bytes += [0x50, 0x4b, 3, 4, 20, 0] + shared + head + [0, 0] + names + data
                let wide: [UInt8] =
                    littleEndian(UInt16(1)) + littleEndian(UInt16(24))
                    + [UInt64(size ?? data.count), UInt64(data.count), UInt64(offset)].flatMap { littleEndian($0) }
                let extra = has64BitSizes ? wide : []
                directory += [0x50, 0x4b, 1, 2, 20, 0, 20, 0] + shared + head + littleEndian(UInt16(extra.count))
                directory += [UInt8](repeating: 0, count: 10)
                directory += littleEndian(has64BitSizes ? UInt32.max : UInt32(offset)) + names + extra
            }
            let start = bytes.count
            bytes += directory
            let count = UInt64(entries)
            if has64BitSizes {
                let record = bytes.count
                bytes += [0x50, 0x4b, 6, 6] + littleEndian(UInt64(44)) + [UInt8](repeating: 0, count: 12)
                bytes += [count, count, UInt64(directory.count), UInt64(start)].flatMap { littleEndian($0) }
                bytes += [0x50, 0x4b, 6, 7, 0, 0, 0, 0] + littleEndian(UInt64(record)) + [1, 0, 0, 0]
                return bytes + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 12) + [0, 0]
            }
            bytes += [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + littleEndian(UInt16(entries)) + littleEndian(UInt16(entries))
            return bytes + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(start)) + [0, 0]
        }
    }

    /// Opens an archive and its first tensor.
    private func values(_ archive: Archive, entries: Int = 1) throws -> [Int64] {
        let file = try openTensorFile(folder.write(archive.bytes(entries: entries), as: "made.npz"))
        let tensor = try file.tensor(named: file.names[0])
        return try tensor.integers(rows: 0..<tensor.rows)
    }

    private func refusal(_ archive: Archive, entries: Int = 1) -> String? {
        failure { _ = try values(archive, entries: entries) }
            .map { String($0.dropFirst(folder.path("made.npz").count + 2)) }
    }

    @Test(arguments: ["stored", "deflated"])
    func readsWhatNumPyWrote(name: String) throws {
        let file = try openTensorFile(fixture("\(name).npz"))
        #expect(file.names == ["ids", "weights"])
        let ids = try file.tensor(named: "ids")
        #expect(ids.shape == [3, 2, 4] && ids.dtype == .i16)
        #expect(try ids.integers(rows: 1..<3) == Array(8..<24))
        // Letting go of memory must not lose what stands in no file.
        try ids.releaseMemory(rows: 0..<3)
        #expect(try ids.flat.integers(rows: 22..<24) == [22, 23])
        #expect(try file.tensor(named: "weights").floats(rows: 2..<3) == (16..<24).map { Float($0) / 16 })
        #expect(
            failure { _ = try file.tensor(named: "other") }?.hasSuffix(
                "holds no tensor \"other\"; it holds \"ids\", \"weights\""
            )
                == true
        )
    }

    @Test func readsSizesOf64Bits() throws {
        #expect(try values(Archive()) == [5, -6])
        var wide = Archive()
        wide.has64BitSizes = true
        #expect(try values(wide) == [5, -6])
    }

    @Test func refusesWhatIsDamaged() throws {
        var other = Archive()
        other.checksum ^= 1
        #expect(refusal(other) == "tensor \"a\": is damaged: its checksum is another")
        for name in ["stored", "deflated"] {
            let valid = try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture("\(name).npz"))))
            let offset = 60
            var bytes = valid
            bytes[offset] ^= 0x10
            let path = try folder.write(bytes, as: "damaged.npz")
            #expect(failure { _ = try openTensorFile(path).tensor(named: "ids") }?.contains("is damaged") == true)
        }
    }

    @Test func refusesWhatItCannotRead() throws {
        var archive = Archive()
        archive.method = 12
        #expect(refusal(archive) == "\"a.npy\" is compressed by method 12; stored and deflated entries are read")
        archive = Archive()
        archive.flags = 1
        #expect(refusal(archive) == "\"a.npy\" is encrypted; stored and deflated entries are read")
        archive = Archive()
        archive.name = "a.txt"
        #expect(refusal(archive) == "holds \"a.txt\"; an .npz file holds .npy files alone")
        #expect(refusal(Archive(), entries: 2) == "is a broken zip archive: two entries have the same name")
        archive = Archive()
        archive.overlaps = true
        #expect(
            refusal(archive, entries: 2) == "is a broken zip archive: the data of \"a.npy\" and \"b.npy\" overlap"
        )
        let text = try folder.write("no archive at all, but long enough for one", as: "text.npz")
        #expect(failure { _ = try openTensorFile(text) } == "\(text): is not a zip archive, or its end is missing")
    }

    @Test func refusesSizesThatCannotBe() throws {
        var archive = Archive()
        let count = archive.data.count
        archive.size = count + 1
        #expect(refusal(archive) == "\"a.npy\" cannot have \(count + 1) bytes in \(count) bytes of the archive")
        archive.method = 8
        archive.size = 1033 * count
        #expect(refusal(archive) == "\"a.npy\" cannot have \(1033 * count) bytes in \(count) bytes of the archive")
        archive.size = 1032 * count
        #expect(refusal(archive) == "tensor \"a\": is damaged: an entry does not uncompress to its size")
        archive = Archive()
        archive.data = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }", data: [5, 0, 250, 255])
        archive.checksum = 0x4865_d6ba
        #expect(refusal(archive) == "tensor \"a\": holds 4 bytes of data; shape [3] of I16 needs 6")
    }
}

/// Writing `.npy` files.
@Suite struct NpyWriterTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func whatIsWrittenIsRead() throws {
        let path = folder.path("t.npy")
        var writer = try NpyWriter(path: path, TensorSpec(name: "", dtype: .i32, shape: [3, 1, 2]))
        try writer.append([Int32(7), -1, .max, .min])
        #expect(try folder.names() == ["t.npy.partial"])
        try writer.append([Int32(0), 3])
        try writer.finish()
        #expect(try folder.names() == ["t.npy"])
        let tensor = try openTensorFile(path).tensor(named: "t")
        #expect(tensor.shape == [3, 1, 2])
        #expect(try tensor.integers(rows: 0..<3) == [7, -1, Int64(Int32.max), Int64(Int32.min), 0, 3])
    }

    @Test func refusesOtherTypesAndMissingRows() throws {
        let path = folder.path("t.npy")
        let half = TensorSpec(name: "", dtype: .f16, shape: [1])
        #expect(
            failure { _ = try NpyWriter(path: path, half) }
                == "\(path): shape [1] of F16 cannot be written; I16 and I32 can"
        )
        var writer = try NpyWriter(path: path, TensorSpec(name: "", dtype: .i16, shape: [2, 2]))
        try writer.append([Int16(1), 2])
        do {
            try writer.finish()
            Issue.record("a row is missing")
        } catch {
            #expect(error.message == "rows 1..<2 were never written")
        }
        #expect(try folder.names() == [])
    }
}
