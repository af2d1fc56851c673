import Foundation
import TestSupport
import Testing

@testable import Runtime

@Suite struct FileChangeTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ path: String, changed seconds: Double) throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        let date = Date(timeIntervalSince1970: seconds)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }

    @Test func anIndexChangesWithTheFilesBesideIt() throws {
        let (index, weights) = ("\(folder.path)/model.safetensors.index.json", "\(folder.path)/a.safetensors")
        try write(index, changed: 1000)
        try write(weights, changed: 2000)
        #expect(FileChange.newest(at: weights) == 2_000_000_000_000)
        #expect(FileChange.newest(at: index) == FileChange.newest(at: weights))
        #expect(FileChange.newest(at: index) == FileChange.newest(at: folder.path))
    }

    @Test func anyDateIsTaken() throws {
        let file = "\(folder.path)/a.safetensors"
        // In the year 2300 nanoseconds since 1970 are beyond 64 bits.
        try write(file, changed: 10_413_792_000)
        #expect(FileChange.newest(at: file) == .max)
        #expect(FileChange.newest(at: "\(folder.path)/none") == 0)
    }
}
