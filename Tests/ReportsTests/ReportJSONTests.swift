import Basics
import Figures
import FoundationEssentials
import MadeUpRuns
import Records
import Reports
import TestSupport
import Testing

extension JSON {
    fileprivate init(_ report: Report) throws { try self.init(parsing: report.json()) }
}

@Suite("report.json")
struct ReportJSONTests {
    /// The names that scripts rely on.
    static let contract = [
        "schema_version", "status", "reasons", "clock", "seed", "workers", "verification.wrong_tokens",
        "verification.checked_tokens", "output.sha256", "load.rank.imbalance.mean", "load.rank.imbalance.p50",
        "load.rank.imbalance.p90", "load.rank.imbalance.max", "load.rank.balancedness.mean", "load.expert.cv.mean",
        "load.expert.maxvio.mean", "load.importance.cv.mean", "load.dropped.copies", "load.dropped.fraction",
        "load.dropped.tokens", "load.dropped.token_fraction", "load.expert.cv_squared.mean",
        "load.importance.cv_squared.mean",
        "load.smooth_load.cv_squared.mean", "load.padding.extra_fraction", "time.step_seconds.p50",
        "time.step_seconds.p90", "time.step_seconds.max",
        "tokens_per_second.p50", "communication.total_seconds", "communication.exposed_seconds",
        "communication.bytes.dispatch", "communication.bytes.combine", "ranks", "per_step", "run.checkpoint",
        "run.router_learns", "run.padding", "time.shared_compute_seconds", "time.residual.missed_steps",
    ]

    @Test(arguments: contract)
    func everyContractedKeyIsThere(path: String) throws {
        #expect(try JSON(MadeUpRun.small.report())[path] != nil)
        #expect(try JSON(MadeUpRun.small.report([], end: .failed("no worker came")))[path] != nil)
    }

    @Test func valuesStandWhereTheContractPutsThem() throws {
        var report = try MadeUpRun(ranks: 3, layers: 2, steps: 6).verifiedReport()
        report.check([Requirement(.maxvio, .below, 9)])
        let json = try JSON(report)
        #expect(json["schema_version"] == .integer(1))
        #expect(json["status"] == .text("valid"))
        #expect(json["reasons"] == .list([]))
        #expect(json["clock"] == .text("measured"))
        #expect(json["seed"] == .integer(1))
        #expect(json["workers"] == .integer(3))
        #expect(json["verification.wrong_tokens"] == .integer(0))
        #expect(json["verification.checked_tokens"] == .integer(6 * 512))
        #expect(json["output.sha256"] == .text(String(repeating: "ab", count: 32)))
        let bytes = Int((report.figures[.bytesOutPerStep] ?? 0) * 6)
        #expect(json["communication.bytes.dispatch"] == .integer(bytes))
        guard case .list(let rows) = json["ranks"] else {
            Issue.record("ranks is no array")
            return
        }
        #expect(rows.count == 6)
        guard case .list(let steps) = json["per_step"] else {
            Issue.record("per_step is no array")
            return
        }
        #expect(steps.count == 6)
        let figures = ["rank_imbalance", "expert_imbalance", "expert_cv", "maxvio", "dropped_fraction"]
        for key in ["step", "tokens", "seconds", "tokens_without_expert", "losses"] + figures {
            #expect(steps.allSatisfy { $0[key] != nil && $0[key] != .null }, "\(key)")
        }
        let keys = ["layer", "rank", "experts", "copies", "share", "imbalance", "dispatch_bytes", "combine_bytes"]
        for key in keys + ["seconds.dispatch", "seconds.queue", "seconds.compute", "seconds.combine", "seconds.wait"] {
            #expect(rows.allSatisfy { $0[key] != nil && $0[key] != .null }, "\(key)")
        }
    }

    @Test func whatIsNotKnownIsNull() throws {
        let json = try JSON(MadeUpRun.small.report([], end: .interrupted("stopped")))
        for path in ["verification.wrong_tokens", "output.sha256", "load.rank.imbalance.p90", "load.dropped.fraction"] {
            #expect(json[path] == .null, "\(path)")
        }
        #expect(json["tokens_per_second.p50"] == .null)
        #expect(json["communication.total_seconds"] == .null)
        #expect(json["communication.bytes.dispatch"] == .integer(0))
        #expect(json["ranks"] == .list([]))
    }

    @Test func everyDefinitionIsOfAKeyThatIsThere() throws {
        let report = try MadeUpRun.small.report()
        let json = try JSON(report)
        #expect(report.definitions.count > 20)
        for path in report.definitions.keys { #expect(json[path] != nil, "\(path)") }
    }

    @Test func readsBackWhatItWrote() throws {
        var run = MadeUpRun.small.description
        run.seed = .max
        run.workload.cycles = nil
        run.checkpoint = CheckpointDescription(file: "/models/a.safetensors", family: "mixtral", layers: [3])
        let reports = [
            try MadeUpRun.small.report(MadeUpRun.small.steps, run),
            try MadeUpRun.small.report([], end: .failed("\"no\"\n")),
        ]
        for report in reports {
            let text = try report.json()
            #expect(try Report(json: text) == report)
            #expect(try Report(json: text).json() == text)
            #expect(text.hasSuffix("}\n"))
        }
    }

    /// Reports of earlier versions lack the keys that were added since.
    @Test func aKeyThatWasAddedMayBeMissing() throws {
        let report = try MadeUpRun.small.report()
        let earlier = try report.json().replacing("\"balance\" :", with: "\"other\" :")
            .replacing("\"notes\" :", with: "\"remarks\" :")
        let read = try Report(json: earlier)
        #expect(read.balance == nil && read.notes == nil && read.load == report.load)
        #expect(read.headline == "It is not known which rank limits the step: no time of any rank's experts is.")
    }

    @Test func refusesOtherJSON() throws {
        let text = try MadeUpRun.small.report().json()
        let newer = text.replacing("\"schema_version\" : 1", with: "\"schema_version\" : 2")
        let message = "a report of schema_version 2; this version reads 1"
        #expect(throws: ReportError(.json, message)) { try Report(json: newer) }
        let maimed = text.replacing("\"sha256\" : null", with: "\"sha\" : null")
        #expect(throws: ReportError(.json, "this is no report: it has no output.sha256")) { try Report(json: maimed) }
        let wrong = text.replacing("\"workers\" : 2", with: "\"workers\" : \"two\"")
        #expect(throws: ReportError(.json, "this is no report: it holds something else than a whole number at workers"))
        { try Report(json: wrong) }
        for text in ["", "[]", "{", "nan", String(repeating: "[", count: 100_000)] {
            #expect(throws: ReportError.self) { try Report(json: text) }
        }
    }
}
