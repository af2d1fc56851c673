import Foundation
import Monitor
import Testing

@Suite("Live file")
struct LiveFileTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("live-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func isReadAsItWasWritten() throws {
        try Self.withFolder { folder in
            #expect(try LiveFile.read(from: folder) == nil)
            for state in [LiveState(run: MadeUpRun().run), MadeUpRun().state()] {
                let file = LiveFile(pid: 12, time: 3.5, summary: LiveSummary(state, at: 2))
                try file.write(to: folder)
                #expect(try LiveFile.read(from: folder) == file)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["live.json"])
            LiveFile.remove(from: folder)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test func whatIsNoSuchFileIsSaid() throws {
        try Self.withFolder { folder in
            try Data("{}".utf8).write(to: URL(fileURLWithPath: "\(folder)/live.json"))
            let error = #expect(throws: MonitorError.self) { try LiveFile.read(from: folder) }
            #expect(error?.description == "\(folder)/live.json does not describe a run; remove it")
        }
    }

    @Test func aFolderThatIsGoneIsSaid() {
        let file = LiveFile(pid: 12, time: 0, summary: LiveSummary(MadeUpRun().state(), at: 2))
        #expect(throws: MonitorError.self) { try file.write(to: "/nowhere") }
    }
}
