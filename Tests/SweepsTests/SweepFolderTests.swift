import FoundationEssentials
import MadeUpRuns
import Reports
import Sweeps
import TestSupport
import Testing

@Suite("Folder of a sweep")
struct SweepFolderTests {
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    @Test func keepsFinishedAndFailedRuns() throws {
        let path = temporary.path + "/new/sweep"
        let folder = try SweepFolder(path, resumes: false)
        let good = try SweepSamples.record("a")
        let bad = SweepSamples.failure("b", "it broke")
        for record in [good, bad] {
            let place = try folder.begin(record.name)
            #expect(FileManager.default.createFile(atPath: "\(place)/report.json", contents: Data("{}".utf8)))
            try folder.keep(record)
        }
        _ = try folder.begin(PointName(point: "c", repeat: 1))
        try folder.discard(PointName(point: "c", repeat: 1))
        try folder.writeSweepFile("config: a")
        try folder.close()
        #expect(try temporary.names(in: "new/sweep") == ["failed", "points", "sweep.yaml"])
        #expect(try temporary.names(in: "new/sweep/points/a-r1") == ["point.json", "report.json"])
        #expect(try temporary.names(in: "new/sweep/failed/b-r1") == ["point.json", "report.json"])
        #expect(try SweepFolder.records(in: path) == [good.name: good, bad.name: bad])
    }

    @Test func runsAFailedPointAgain() throws {
        do {
            let folder = try SweepFolder(temporary.path, resumes: false)
            for reason in ["first", "second"] {
                let bad = SweepSamples.failure("a", reason)
                _ = try folder.begin(bad.name)
                try folder.keep(bad)
            }
            #expect(try temporary.read("failed/a-r1/point.json").contains("second"))
        }
        #expect(try SweepFolder.records(in: temporary.path).values.map(\.reasons) == [["second"]])
        let folder = try SweepFolder(temporary.path, resumes: true)
        let good = try SweepSamples.record("a")
        _ = try folder.begin(good.name)
        try folder.keep(good)
        #expect(try temporary.names(in: "failed").isEmpty && temporary.names(in: "points") == ["a-r1"])
    }

    @Test func isNotTakenOverUnasked() throws {
        do {
            let folder = try SweepFolder(temporary.path, resumes: false)
            let record = try SweepSamples.record("a")
            _ = try folder.begin(record.name)
            try folder.keep(record)
        }
        let message = "'\(temporary.path)' holds results of a sweep: continue it with --resume, or choose another --out"
        #expect(throws: ReportError(.file, message)) { try SweepFolder(temporary.path, resumes: false) }
        _ = try SweepFolder(temporary.path, resumes: true)
    }

    @Test func isForOneSweepAtATime() throws {
        do {
            let folder = try SweepFolder(temporary.path, resumes: false)
            let message = "another sweep is at work in '\(temporary.path)'"
            #expect(throws: ReportError(.file, message)) { try SweepFolder(temporary.path, resumes: true) }
            try folder.close()
        }
        _ = try SweepFolder(temporary.path, resumes: true)
    }

    @Test func forgetsRunsThatWereCutOff() throws {
        do { _ = try SweepFolder(temporary.path, resumes: false).begin(PointName(point: "a", repeat: 1)) }
        #expect(try temporary.names(in: "running") == ["a-r1"])
        let folder = try SweepFolder(temporary.path, resumes: false)
        #expect(try temporary.names(in: "running").isEmpty)
        #expect(try SweepFolder.records(in: folder.path).isEmpty)
    }

    @Test func namesWhatItCannotRead() throws {
        try FileManager.default.createDirectory(
            atPath: temporary.path + "/points/a-r1",
            withIntermediateDirectories: true
        )
        let file = "\(temporary.path)/points/a-r1/point.json"
        let rest = "remove its folder to run the point again"
        #expect(throws: ReportError(.file, "'\(file)' cannot be read; \(rest)")) {
            try SweepFolder.records(in: temporary.path)
        }
        #expect(FileManager.default.createFile(atPath: file, contents: Data("{}".utf8)))
        #expect(throws: ReportError(.json, "'\(file)': this is no point of a sweep; \(rest)")) {
            try SweepFolder.records(in: temporary.path)
        }
        let record = try SweepSamples.record("a").json().replacing(
            "\"schema_version\" : 1",
            with: "\"schema_version\" : 2"
        )
        #expect(FileManager.default.createFile(atPath: file, contents: Data(record.utf8)))
        let version = "a point of schema_version 2; this version reads 1"
        #expect(throws: ReportError(.json, "'\(file)': \(version); \(rest)")) {
            try SweepFolder.records(in: temporary.path)
        }
    }

    @Test func summariesReadBackFromTheirFolder() throws {
        let folder = try SweepFolder("\(temporary.path)/s", resumes: false)
        let records = try [SweepSamples.record("p", step: 0.25), SweepSamples.record("q,\"1\"")]
        for record in records {
            _ = try folder.begin(record.name)
            try folder.keep(record)
        }
        let rows = records.map { SweepSamples.row([("a,b", "say \"x\"\nand y"), ("c", nil)], $0, isBare: false) }
        try folder.writeSummary(SweepSummary(keys: ["a,b", "c"], rows: rows))
        let read = try SweepSummary(folder: folder.path)
        #expect(read == SweepSummary(keys: ["a,b", "c"], rows: rows))
    }

    @Test(
        arguments: [
            (nil, "cannot be read"), ("x,y\n1,2\n", "is no summary of a sweep: its header is another"),
            ("", "its header is another"),
            ("point,repeat,seed,status,reason,x,clock,seconds\np,1,1\n", "row 2: found 3 fields, not 8"),
            ("point,repeat,seed,status,reason,x,clock,step_sec", "is cut off: its last line is not whole"),
            (
                "point,repeat,seed,status,reason,x,clock,seconds\np,1,1,valid,,2,measured,1",
                "its last line is not whole"
            ),
            (
                "point,repeat,seed,status,reason,x,clock,seconds\np,one,1,valid,,2,measured,1\n",
                "row 2: its repeat is 'one', which is no number"
            ),
        ] as [(String?, String)]
    )
    func brokenSummariesAreRefused(text: String?, words: String) throws {
        if let text { try text.write(toFile: "\(temporary.path)/summary.csv", atomically: true, encoding: .utf8) }
        let error = #expect(throws: ReportError.self) { try SweepSummary(folder: temporary.path) }
        #expect(error?.description.contains("summary.csv' ") == true && error?.description.hasSuffix(words) == true)
    }
}
