import MadeUpRuns
import Monitor
import TestSupport
import Testing

@Suite("Live file")
struct LiveFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func isReadAsItWasWritten() throws {
        #expect(try LiveFile.read(from: folder.path) == nil)
        for state in [LiveState(run: MadeUpRun().run), MadeUpRun().state()] {
            let file = LiveFile(pid: 12, time: 3.5, summary: LiveSummary(state, at: 2))
            try file.write(to: folder.path)
            #expect(try LiveFile.read(from: folder.path) == file)
        }
        #expect(try folder.names() == ["live.json"])
        LiveFile.remove(from: folder.path)
        #expect(try folder.names().isEmpty)
    }

    @Test func whatIsNoSuchFileIsSaid() throws {
        try folder.write("{}", as: "live.json")
        let error = #expect(throws: MonitorError.self) { try LiveFile.read(from: folder.path) }
        #expect(error?.description == "\(folder.path)/live.json does not describe a run; remove it")
    }

    @Test func aFolderThatIsGoneIsSaid() {
        let file = LiveFile(pid: 12, time: 0, summary: LiveSummary(MadeUpRun().state(), at: 2))
        #expect(throws: MonitorError.self) { try file.write(to: "/nowhere") }
    }
}
