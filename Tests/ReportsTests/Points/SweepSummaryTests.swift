import Basics
import Figures
import FoundationEssentials
import MadeUpRuns
import Reports
import TestSupport
import Testing

@Suite("Summary of a sweep")
struct SweepSummaryTests {
    private static let columns =
        [
            "point", "repeat", "seed", "status", "reason", "cluster.workers", "router.kind", "clock",
        ] + PointFigures.columns + ["oversubscribed", "seconds"]

    /// The columns of the first version, which scripts may read.
    private static let ofVersion1 = [
        "step_seconds_p50", "step_seconds_mean", "step_seconds_p90", "tokens_per_second", "imbalance", "balancedness",
        "maxvio", "maxvio_end", "balance_loss", "exposed_share", "communication_seconds", "dropped_share",
        "busy_processes", "cores", "oversubscribed", "seconds",
    ]

    @Test func columnsOfTheFirstVersionStay() {
        #expect(Set(Self.ofVersion1).isSubset(of: Self.columns) && Set(Self.columns).count == Self.columns.count)
    }

    private func summary() throws -> SweepSummary {
        let failure = SweepSamples.failure("b", repeat: 2, "worker 0, of \"3\",\nis gone")
        let parameters = [
            SweepParameter(key: "cluster.workers", text: "4", isBare: true),
            SweepParameter(key: "router.kind", text: "switch", isBare: false),
        ]
        let absent = [
            SweepParameter(key: "cluster.workers", text: nil, isBare: true),
            SweepParameter(key: "router.kind", text: "a,b", isBare: false),
        ]
        return SweepSummary(
            keys: ["cluster.workers", "router.kind"],
            rows: [
                SweepRow(parameters: parameters, record: try SweepSamples.record("a", step: 0.25, busy: 3)),
                SweepRow(parameters: absent, record: failure),
            ]
        )
    }

    @Test func hasOneTidyRowPerRun() throws {
        let summary = try summary()
        #expect(summary.columns == Self.columns)
        let known = ["step_seconds_p50": "0.25", "busy_processes": "3", "cores": "2"]
        let figures = PointFigures.columns.map { known[$0] ?? "" }.joined(separator: ",")
        let none = PointFigures.columns.map { _ in "" }.joined(separator: ",")
        #expect(
            summary.csv() == """
                \(Self.columns.joined(separator: ","))
                a,1,1,valid,,4,switch,measured,\(figures),true,1.5
                b,2,1,failed,"worker 0, of ""3"",
                is gone",,"a,b",measured,\(none),false,0.5

                """
        )
    }

    @Test func isTheSameAsJSON() throws {
        let data = Data(try summary().json().utf8)
        let rows = try JSONDecoder().decode([Row].self, from: data)
        #expect(rows.map(\.point) == ["a", "b"] && rows.map(\.repeat) == [1, 2])
        #expect(rows[0].parameters == Row.Parameters(workers: 4, kind: "switch"))
        #expect(rows[1].parameters == Row.Parameters(workers: nil, kind: "a,b"))
        #expect(rows[0].step_seconds_p50 == 0.25 && rows[0].oversubscribed && rows[0].reason == nil)
        #expect(
            rows[1].step_seconds_p50 == nil && !rows[1].oversubscribed && rows[1].reason?.hasPrefix("worker") == true
        )
        let objects = try JSONDecoder().decode([[String: AnyValue]].self, from: data)
        let expected = Set(Self.columns).subtracting(["cluster.workers", "router.kind"]).union(["parameters"])
        #expect(objects.allSatisfy { Set($0.keys) == expected })
    }

    /// As it was written by the first version, and what nobody wrote.
    @Test func recordsOfEarlierVersionsAreRead() throws {
        let head = """
            {"schema_version": 1, "name": {"point": "a", "repeat": 1}, "seed": 1, "clock": "measured", "status": "valid",
             "reasons": [], "seconds": 1, "figures":
            """
        let figures = """
            {"step_seconds_p50": 0.5, "imbalance": 1.25, "dropped_share": null, "busy_processes": 3, "cores": 2}
            """
        let record = try PointRecord(json: "\(head) \(figures)}")
        #expect(record.figures[.stepSeconds] == 0.5 && record.figures[.rankImbalance] == 1.25)
        #expect(record.figures.isOversubscribed && record.figures[.droppedFraction] == nil)
        #expect(try PointRecord(json: record.json()) == record)
        for wrong in ["{\"cores\": 1e300}", "{\"busy_processes\": 2.5}", "{\"imbalance\": \"1\"}", "[]"] {
            #expect(throws: ReportError.self) { try PointRecord(json: "\(head) \(wrong)}") }
        }
    }

    @Test func takesItsFiguresFromTheReport() throws {
        let report = try MadeUpRun.small.report()
        let figures = PointFigures(report)
        #expect(
            figures[.stepSeconds] == 0.012 && figures[.rankImbalance] == report.figures[spread: .rankImbalance].mean
        )
        #expect(figures[.maxvio] == report.figures[.maxvio] && figures[.maxvioEnd] == nil)
        #expect(figures[.droppedFraction] == report.figures[.droppedFraction] && figures[.busyProcesses] == 3)
        #expect(figures[.cores] == 64 && !figures.isOversubscribed)
        var learning = MadeUpRun.small.description
        learning.routerLearns = true
        learning.hosts[0].cores = 2
        let learned = PointFigures(try MadeUpRun.small.report(MadeUpRun.small.steps, learning))
        // The last of five steps: loads 8, 1, 2, 1 and 3, 4, 1, 4.
        let atEnd: [Double] = [8.0 / 3 - 1, 4.0 / 3 - 1]
        let maxvioEnd = try #require(learned[.maxvioEnd])
        #expect(abs(maxvioEnd - (atEnd[0] + atEnd[1]) / 2) < 1e-12)
        #expect(learned.isOversubscribed)
    }

    private struct Row: Decodable {
        struct Parameters: Decodable, Equatable {
            let workers: Int?
            let kind: String

            init(workers: Int?, kind: String) {
                self.workers = workers
                self.kind = kind
            }

            enum CodingKeys: String, CodingKey {
                case workers = "cluster.workers"
                case kind = "router.kind"
            }
        }

        let point: String
        let `repeat`: Int
        let parameters: Parameters
        let reason: String?
        let oversubscribed: Bool
        let step_seconds_p50: Double?
    }

    /// Anything: only its key counts.
    private struct AnyValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    @Test func keysThatSomePointsReadHaveColumns() throws {
        let rows = try [("a", "2"), ("b", nil)].map { point, value in
            SweepRow(
                parameters: [SweepParameter(key: "router.kind", text: point, isBare: false)],
                set: [SweepParameter(key: "router.capacity_factor", text: value, isBare: true)],
                record: try SweepSamples.record(point)
            )
        }
        let summary = SweepSummary(keys: ["router.kind"], keysOfSome: ["router.capacity_factor"], rows: rows)
        let lines = summary.csv().split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(lines[0][5...8] == ["router.kind", "clock", "router.capacity_factor", "step_seconds_mean"])
        #expect(lines[1][7] == "2" && lines[2][7] == "")
        let records = Dictionary(uniqueKeysWithValues: rows.map { ($0.record.name, $0.record) })
        let read = try SweepSummary(csv: summary.csv(), called: "summary.csv", records: records)
        #expect(read.keys == ["router.kind"] && read.keysOfSome == ["router.capacity_factor"])
        #expect(read.rows.map { $0.set.map(\.text) } == [["2"], [nil]])
        let json = try JSON(parsing: summary.json()).array
        #expect(json[0]["parameters"] == .members(["router.kind": .text("a")]))
        #expect(
            json.map { $0["set"] } == [JSON.integer(2), .null].map { JSON.members(["router.capacity_factor": $0]) }
        )
    }
}
