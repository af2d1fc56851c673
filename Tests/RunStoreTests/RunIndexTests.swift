import Basics
import Foundation
import GRDB
import MadeUpRuns
import Reports
import RunStore
import TestSupport
import Testing

@Suite("Index of runs")
struct RunIndexTests {
    private let runs: TemporaryFolder

    init() throws {
        runs = try TemporaryFolder()
    }

    @Test func everyColumnIsWhatTheReportSays() throws {
        let folder = try MadeUpRun.small.write(below: runs.path)
        try runs.index.add(folder)
        let report = try JSON(parsing: RunFolder.reportText(in: folder))
        let run = try #require(runs.index.runs().first)
        #expect(run.folder == folder && !run.isGone)
        var unknown: [String] = []
        for column in IndexTable.runs.columns {
            let json = Self.value(report, column.path)
            let value = try #require(run.values[column.name], "\(column.name)")
            let separator = ["reasons", "notes"].contains(column.name) ? "; " : " "
            #expect(Self.isSame(value, json, separator: separator), "\(column.name)")
            if json == nil || json == .null { unknown.append(column.name) }
        }
        // Only what applies to no such run is unknown.
        let absent = [
            "hardware", "load_identity_", "load_padding_", "load_smooth_load_", "limits_", "prediction_",
            "verification_relative_error",
        ]
        #expect(unknown.filter { name in !absent.contains { name.hasPrefix($0) } } == [])
        #expect(unknown.count < IndexTable.runs.columns.count / 3)
    }

    /// Who knows report.json knows the columns.
    @Test func columnsAreCalledAsTheirPaths() {
        let shortened = [
            "run.model.expert.ffn": "expert_ffn", "run.workload.summary": "workload",
            "run.hardware.profile": "hardware",
            "run.hosts.0.name": "host",
        ]
        for table in IndexTable.all {
            for column in table.columns {
                let path = column.path.joined(separator: ".")
                let isOfRun = column.path.first == "run"
                let name = isOfRun ? column.path.last : column.path.joined(separator: "_")
                #expect(column.name == shortened[path] ?? name)
            }
            #expect(Set(table.columnNames).count == table.columnNames.count)
        }
    }

    @Test func tablesOfListsHaveTheirRows() throws {
        let folder = try MadeUpRun.small.write(below: runs.path)
        try runs.index.add(folder)
        let report = try JSON(parsing: RunFolder.reportText(in: folder))
        for (table, path, key) in [
            (IndexTable.rankTotals, "rank_totals", "rank"), (.phases, "time.phases", "phase"),
            (.losses, "load.losses", "name"),
        ] {
            let rows = report.elements(path)
            let found = try runs.index.query("SELECT * FROM \(table.name) ORDER BY \(key)")
            #expect(found.rows.count == rows.count && !rows.isEmpty)
            for row in found.rows {
                let element = try #require(rows.first { Self.isSame(found.value(row, key), $0[key]) })
                #expect(found.value(row, "run_id") == .text("20250131T120000Z-3fa9c1"))
                for column in table.columns {
                    let json = Self.value(element, column.path)
                    #expect(Self.isSame(found.value(row, column.name), json), "\(table.name).\(column.name)")
                }
            }
        }
    }

    @Test func aRunIsThereOnce() throws {
        let folder = try MadeUpRun.small.write(below: runs.path)
        for _ in 0..<2 { try runs.index.add(folder) }
        let counts = try runs.index.query(
            "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM rank_totals), (SELECT count(*) FROM phases)"
        )
        #expect(counts.rows == [[.integer(1), .integer(2), .integer(8)]])
        try runs.index.remove(id: "20250131T120000Z-3fa9c1")
        let left = try runs.index.query("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM phases)")
        #expect(left.rows == [[.integer(0)]])
    }

    @Test func largeSeedsKeepTheirSize() throws {
        for (name, seed) in [("a", UInt64(Int64.max)), ("b", UInt64.max)] {
            try runs.index.add(try MadeUpRun.named(name, seed: seed).write(below: runs.path))
        }
        let seeds = try runs.index.query("SELECT seed FROM runs ORDER BY id")
        #expect(seeds.rows == [[.integer(.max)], [.real(0x1p64)]])
    }

    @Test func plainToolsSeeTheVersion() throws {
        try runs.index.add(try MadeUpRun.small.write(below: runs.path))
        #expect(try runs.index.query("PRAGMA user_version").rows == [[.integer(1)]])
        #expect(try runs.index.query("PRAGMA journal_mode").rows == [[.text("delete")]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: runs.path).count == 2)
    }

    @Test(arguments: [
        (
            "not a database at all, but long enough to be read as one page of something else" as String?, 0,
            "is broken (file is not a database)"
        ),
        (nil, 2, "has layout 2, of a newer epsim; this one reads 1"), (nil, 0, "is no index of runs (layout 0)"),
    ])
    func aWrongFileIsRefusedAndReplaced(text: String?, version: Int, words: String) throws {
        let folder = try MadeUpRun.small.write(below: runs.path)
        if let text {
            try Data(text.utf8).write(to: URL(fileURLWithPath: runs.index.path))
        } else {
            try DatabaseQueue(path: runs.index.path).writeWithoutTransaction {
                try $0.execute(sql: "CREATE TABLE other (x); PRAGMA user_version = \(version)")
            }
        }
        for attempt in [{ try runs.index.add(folder) }, { _ = try runs.index.runs() }] {
            let error = try #require(throws: RunStoreError.self) { try attempt() }
            #expect(error.description.contains(words) && error.description.contains("epsim runs reindex"), "\(error)")
        }
        #expect(try runs.index.reindex().runs == 1)
        #expect(try runs.index.runs().map(\.id) == ["20250131T120000Z-3fa9c1"])
    }

    @Test func aMissingIndexIsNamed() throws {
        let error = try #require(throws: RunStoreError.self) { try RunIndex(folder: "/nowhere").runs() }
        #expect(
            error.description.hasPrefix("there is no index '/nowhere/index.sqlite'; 'epsim runs reindex' makes one")
        )
        let writing = try #require(throws: RunStoreError.self) { try RunIndex(folder: "/nowhere").remove(id: "x") }
        #expect(writing.description.hasPrefix("the index '/nowhere/index.sqlite' cannot be opened or written"))
    }

    @Test(arguments: [
        ("{}", "a report of schema_version none; this epsim reads 1"),
        ("{\"schema_version\": 9}", "a report of schema_version 9; this epsim reads 1"),
        ("{\"schema_version\": 1}", "no report: run.id is missing"), ("[1]", "no report: "), ("{", "no report: "),
        ("{\"schema_version\": 1, \"run\": {\"id\": 3}}", "no report: it holds something else than a string at run.id"),
        ("{\"schema_version\": 1, \"run\": 3}", "no report: it holds something else than an object at run"),
    ])
    func aBrokenReportIsRefused(json: String, words: String) throws {
        let folder = try MadeUpRun.small.write(below: runs.path)
        try Data(json.utf8).write(to: URL(fileURLWithPath: "\(folder)/report.json"))
        let error = try #require(throws: RunStoreError.self) { try runs.index.add(folder) }
        #expect(error.description.hasPrefix(words), "\(error)")
        #expect(throws: RunStoreError.self) { try RunIndex(folder: runs.path + "/x").add(folder) }
    }

    /// The value at a path whose numbers count elements.
    private static func value(_ json: JSON, _ path: [String]) -> JSON? {
        path.reduce(Optional(json)) { value, key in
            guard let index = Int(key) else { return value?[key] }
            let elements = value?.array ?? []
            return elements.indices.contains(index) ? elements[index] : nil
        }
    }

    /// Whether the index has what the JSON has.
    private static func isSame(_ value: IndexValue, _ json: JSON?, separator: String = "; ") -> Bool {
        switch json {
        case .integer?, .number?: value.number == json?.number
        case .text(let text): value.text == text
        case .list(let texts): value.text == texts.compactMap(\.string).joined(separator: separator)
        default: value == .null
        }
    }
}
