import Basics
import Foundation
import MadeUpRuns
import Reports
import RunStore
import TestSupport
import Testing

@Suite("Queries")
struct QueryTests {
    private let runs: TemporaryFolder

    init() throws {
        runs = try TemporaryFolder()
    }

    @Test(arguments: [
        ("DELETE FROM runs", "SQLite refuses the query: attempt to write a readonly database"),
        ("UPDATE runs SET status = 'valid'", "SQLite refuses the query: attempt to write a readonly database"),
        ("DROP TABLE runs", "SQLite refuses the query: attempt to write a readonly database"),
        ("PRAGMA user_version = 9", "SQLite refuses the query: attempt to write a readonly database"),
        ("ATTACH '/nowhere/no-such.db' AS other", "SQLite refuses the query: unable to open database"),
        ("SELECT colour FROM runs", "SQLite refuses the query: no such column: colour"),
        ("SELECT 1; SELECT 2", "the query has several statements; one is allowed"),
        ("SELEC", "SQLite refuses the query: near \"SELEC\": syntax error"), ("", "SQLite refuses the query: "),
    ])
    func onlyReads(sql: String, words: String) throws {
        try runs.addThree()
        let before = try Data(contentsOf: URL(fileURLWithPath: runs.index.path))
        let error = try #require(throws: RunStoreError.self) { try runs.index.query(sql) }
        #expect(error.description.hasPrefix(words), "\(error)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: runs.index.path)) == before)
    }

    @Test func endsInTime() throws {
        try runs.addThree()
        let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT "
        let started = ContinuousClock.now
        let late = try #require(throws: RunStoreError.self) {
            try runs.index.query(endless + "count(*) FROM c", bounds: QueryBounds(seconds: 0.2))
        }
        #expect(late.description == "the query took more than 0.2 s and was interrupted; --seconds allows more")
        #expect(ContinuousClock.now - started < .seconds(10))
        let many = try #require(throws: RunStoreError.self) {
            try runs.index.query(endless + "x FROM c", bounds: QueryBounds(rows: 1000))
        }
        #expect(many.description == "the result has more than 1000 rows; ask for less with WHERE or LIMIT")
        let large = try #require(throws: RunStoreError.self) {
            try runs.index.query(endless + "zeroblob(1000) FROM c", bounds: QueryBounds(bytes: 1 << 20))
        }
        #expect(large.description == "the result has more than 1048576 bytes; ask for less with WHERE or LIMIT")
        let exact = try runs.index.query("SELECT id FROM runs", bounds: QueryBounds(rows: 3))
        #expect(exact.rows.count == 3)
    }

    @Test func valuesKeepTheirKind() throws {
        try runs.addThree()
        let result = try runs.index.query(
            "SELECT 1 AS whole, 0.1 AS part, 'a,\"b\"' AS word, NULL AS none, x'0aff' AS bytes, 9e999 AS inf"
        )
        #expect(result.columns == ["whole", "part", "word", "none", "bytes", "inf"])
        #expect(result.csv == "whole,part,word,none,bytes,inf\n1,0.1,\"a,\"\"b\"\"\",,0aff,inf\n")
        let json =
            "{\"bytes\":\"0aff\",\"inf\":\"inf\",\"none\":null,\"part\":0.1,\"whole\":1,\"word\":\"a,\\\"b\\\"\"}"
        #expect(try result.json() == "[\n  \(json)\n]\n")
        #expect(try runs.index.query("SELECT 1 WHERE 0").json() == "[]\n")
        let twins = try runs.index.query("SELECT 1 AS a, 2 AS a")
        let error = try #require(throws: RunStoreError.self) { try twins.json() }
        #expect(error.description == "two columns are called 'a': give them names with AS")
    }

    @Test func runsAreFilteredAndSorted() throws {
        try runs.addThree()
        func days(_ change: (inout RunFilter) -> Void) throws -> [Int] {
            var filter = RunFilter()
            change(&filter)
            let found = try runs.index.runs(filter).map { Int($0.number("seed") ?? 0) }
            if filter.limit == nil { #expect(try runs.index.count(filter) == found.count) }
            return found
        }
        let noon = Date(timeIntervalSince1970: 1_735_819_200)  // 2025-01-02T12:00:00Z
        #expect(try days { _ in } == [3, 2, 1])
        #expect(try days { $0.isDescending = true } == [1, 2, 3])
        #expect(try days { $0.limit = 2 } == [3, 2])
        #expect(try days { $0.statuses = [.valid] } == [2, 1])
        #expect(try days { $0.statuses = [.failed, .valid] } == [3, 2, 1])
        #expect(try days { $0.config = "other" } == [2])
        #expect(try days { $0.config = "OTHER" } == [])
        #expect(try days { $0.since = noon } == [3, 2])
        #expect(try days { $0.before = noon } == [1])
        #expect(try days { $0.clock = .modelled } == [])
        #expect(try days { $0.sort = "seed" } == [1, 2, 3])
        #expect(try days { ($0.sort, $0.isDescending) = ("seed", true) } == [3, 2, 1])
        for name in ["imbalance", "load.rank.imbalance.mean", "load_rank_imbalance_mean"] {
            #expect(try RunFilter.column(name) == "load_rank_imbalance_mean")
            #expect(try days { $0.sort = name }.count == 3)
        }
        let error = try #require(throws: RunStoreError.self) { try days { $0.sort = "1; DROP TABLE runs" } }
        #expect(
            error.description.hasPrefix(
                "no column is called '1; DROP TABLE runs'; allowed are figures by any of their names, and id, status,"
            )
        )
        let near = try #require(throws: RunStoreError.self) { try days { $0.sort = "seeds" } }
        #expect(near.description.hasPrefix("no column is called 'seeds', did you mean seed? allowed are"))
    }

    @Test func aRunIsFoundByTheBeginningOfItsID() throws {
        try runs.addThree()
        #expect(try runs.index.run(idPrefix: "20250102").id == "20250102T120000Z-aa")
        try runs.index.add(try MadeUpRun.named("20250102T120000Z-aab").write(below: runs.path))
        #expect(try runs.index.run(idPrefix: "20250102T120000Z-aa").id == "20250102T120000Z-aa")
        for (prefix, words) in [
            ("202501", "several runs have ids that begin with '202501': 20250101T120000Z-aa, 20250102T120000Z-aa, "),
            ("2026", "no run of the index '\(runs.index.path)' has an id that begins with '2026'"),
            ("%", "no run of the index"), ("", "'' is no id of a run"),
        ] {
            let error = try #require(throws: RunStoreError.self) { try runs.index.run(idPrefix: prefix) }
            #expect(error.description.hasPrefix(words), "\(error)")
        }
    }
}
