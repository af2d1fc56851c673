import Basics
import FoundationEssentials
import MadeUpRuns
import Records
import Reports
import TestSupport
import Testing

@Suite("Run folder")
struct RunFolderTests {
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    private static func id(_ text: String = "20250131T120000Z-3fa9c1") throws -> RunID { try RunID(text) }

    @Test func leavesFourWholeFiles() throws {
        let folder = try RunFolder.create(parent: temporary.path + "/new/runs", id: try Self.id())
        #expect(folder.path == temporary.path + "/new/runs/20250131T120000Z-3fa9c1")
        let report = try MadeUpRun.small.report()
        try folder.writeConfig("run:\n  seed: 1\n")
        try folder.write(report)
        try folder.samplesWriter().write(MadeUpRun.small.steps)
        try folder.expertsWriter(placement: MadeUpRun.small.placement).write(MadeUpRun.small.steps)
        let place = "new/runs/\(folder.id)"
        #expect(try temporary.names(in: place) == ["config.yaml", "experts.csv", "report.json", "samples.csv"])
        #expect(try temporary.read(place + "/config.yaml") == "run:\n  seed: 1\n")
        #expect(try Report(json: temporary.read(place + "/report.json")) == report)
    }

    @Test func aLaterReportReplacesTheFirst() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        try folder.write(try MadeUpRun.small.report([], end: .failed("at first")))
        try folder.write(try MadeUpRun.small.report())
        #expect(try Report(json: temporary.read("\(folder.id)/report.json")).status == .valid)
        #expect(try temporary.names(in: folder.id.description) == ["report.json"])
    }

    @Test func aTakenIdIsAnError() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let error = FileError("create folder", folder.path, reason: "File exists")
        #expect(throws: error) {
            try RunFolder.create(parent: temporary.path, id: try Self.id())
        }
    }

    @Test func aParentThatIsAFileIsAnError() throws {
        let file = temporary.path + "/file"
        try "".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(throws: FileError("create folder", file, reason: "Not a directory")) {
            try RunFolder.create(parent: file, id: try Self.id())
        }
        #expect(throws: FileError("create folder", "\(file)/runs", reason: "Not a directory")) {
            try RunFolder.create(parent: file + "/runs", id: try Self.id())
        }
    }

    @Test func aFolderThatIsGoneIsAnError() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        try FileManager.default.removeItem(atPath: folder.path)
        let error = FileError("create", "\(folder.path)/config.yaml.partial", reason: "No such file or directory")
        #expect(throws: error) { try folder.writeConfig("") }
    }

    @Test func aNameThatCannotBeTakenLeavesNothingBehind() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let target = folder.path + "/config.yaml"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
        let error = FileError("rename", "\(target).partial", reason: "Is a directory")
        #expect(throws: error) { try folder.writeConfig("a: 1\n") }
        #expect(try temporary.names(in: folder.id.description) == ["config.yaml"])
    }

    @Test func aFullDiskIsAnErrorWithItsReason() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/config.yaml.partial",
            withDestinationPath: "/dev/full"
        )
        let error = FileError("write", "\(folder.path)/config.yaml.partial", reason: "No space left on device")
        #expect(throws: error) { try folder.writeConfig("a: 1\n") }
        #expect(try temporary.names(in: folder.id.description).isEmpty)
    }

    @Test func aFullDiskLeavesTheReportThatWasThere() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        try folder.write(try MadeUpRun.small.report([], end: .failed("at first")))
        let first = try temporary.read("\(folder.id)/report.json")
        let partial = folder.path + "/report.json.partial"
        try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: "/dev/full")
        let error = FileError("write", partial, reason: "No space left on device")
        #expect(throws: error) { try folder.write(try MadeUpRun.small.report()) }
        #expect(try temporary.names(in: folder.id.description) == ["report.json"])
        #expect(try temporary.read("\(folder.id)/report.json") == first)
    }

    @Test func aPlacementThatLacksALayerLeavesNoWholeTable() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let message =
            "step 0, layer 1: copies of 4 experts, but drops of 4, importance of 4 and a placement of 0 beside "
            + "0 identity experts; they must be equally many"
        #expect(throws: ReportError(.record, message)) {
            try folder.expertsWriter(placement: MadeUpRun.small.placement(layers: 1)).write(MadeUpRun.small.steps)
        }
        #expect(try temporary.names(in: folder.id.description) == ["experts.csv.partial"])
    }

    @Test func idsBeginWithTheUTCSecond() throws {
        let id = try RunID(start: Date(timeIntervalSince1970: 1_738_324_800.9), suffix: "3fa9c1")
        #expect(id.description == "20250131T120000Z-3fa9c1")
    }

    @Test(arguments: ["", "..", ".hidden", "a/b", "a,b", "a b", "é", "a\nb", String(repeating: "a", count: 101)])
    func idsThatCannotNameAFolderAreRefused(text: String) {
        let error = #expect(throws: ReportError.self) { try RunID(text) }
        #expect(error?.description.hasSuffix("not beginning with '.'") == true)
    }

    @Test func aTableThatGrowsIsThereBeforeTheEnd() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let place = folder.id.description
        let samples = try folder.samplesWriter()
        let experts = try folder.expertsWriter(placement: MadeUpRun.small.placement)
        for (index, step) in MadeUpRun.small.steps.enumerated() {
            try samples.append(step)
            try experts.append(step)
            let rows = try temporary.read(place + "/samples.csv.partial").split(separator: "\n")
            #expect(rows.count == 1 + (index + 1) * 2 * 13)
        }
        #expect(try temporary.names(in: place) == ["experts.csv.partial", "samples.csv.partial"])
        try samples.finish()
        try experts.finish()
        #expect(try temporary.names(in: place) == ["experts.csv", "samples.csv"])
    }

    @Test func aFinishedTableTakesNoMore() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let samples = try folder.samplesWriter()
        try samples.finish()
        let error = ReportError(.file, "'\(folder.path)/samples.csv' is finished; no step can be added to it")
        #expect(throws: error) { try samples.append(MadeUpRun.small.steps[0]) }
        #expect(throws: error) { try samples.finish() }
        #expect(try temporary.read("\(folder.id)/samples.csv") == SamplesTable.header + "\n")
    }

    @Test func aTableThatIsGivenUpKeepsItsRows() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        func giveUp() throws {
            let samples = try folder.samplesWriter()
            try samples.append(MadeUpRun.small.steps[0])
        }
        try giveUp()
        #expect(try temporary.names(in: folder.id.description) == ["samples.csv.partial"])
        let rows = try temporary.read("\(folder.id)/samples.csv.partial").split(separator: "\n")
        #expect(rows.count == 1 + 2 * 13)
    }

    @Test func aTableOnAFullDiskIsAnErrorWithItsReason() throws {
        let folder = try RunFolder.create(parent: temporary.path, id: try Self.id())
        let partial = folder.path + "/samples.csv.partial"
        try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: "/dev/full")
        let error = FileError("write", partial, reason: "No space left on device")
        #expect(throws: error) { try folder.samplesWriter() }
    }
}

extension StepTableWriter {
    /// Write a whole table.
    func write(_ steps: [StepRecord]) throws {
        for step in steps { try append(step) }
        try finish()
    }
}
